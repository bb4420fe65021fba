/**
 * Words what was read (truegradeReading): every text of the panel, in one language. Pure functions.
 *
 * The Lightning component and the HubSpot card hold the same file and only lay out what it makes; a test fails when the
 * two differ.
 */

/** Which texts each kind of record has; what a kind does not name, it has as leads do. */
const LEAD = {
  odds: { one: 'oddsOne', many: 'oddsMany', few: 'oddsFew', most: 'oddsMost' },
  notScored: 'notScoredText',
  stale: 'staleText',
  tooLittle: 'tooLittleText',
  help: ['helpScore', 'helpLikelihood', 'helpFit'],
};
const KINDS = {
  lead: LEAD,
  deal: {
    ...LEAD,
    odds: { one: 'dealOddsOne', many: 'dealOddsMany', few: 'dealOddsFew', most: 'dealOddsMost' },
    notScored: 'dealNotScoredText',
    stale: 'dealStaleText',
  },
  company: {
    ...LEAD,
    odds: { one: 'companyOddsOne', many: 'companyOddsMany', few: 'companyOddsFew', most: 'companyOddsMost' },
    notScored: 'companyNotScoredText',
    tooLittle: 'companyTooLittleText',
    help: ['companyHelpScore', 'companyHelpLikelihood', 'companyHelpGroup'],
  },
};
const ROUTES = { sales: 'routeSales', nurture: 'routeNurture', disqualify: 'routeDisqualify' };
const DECIDED = { hand: 'byHand', rule: 'byRule' };
const RECENT_DAYS = 14;

/**
 * Makes the texts to show.
 *
 * `words` are texts by key, `locale` is a BCP 47 tag for numbers and times, `access` names what an admin has to grant.
 * A state other than 'scored' has a `note` and nothing else; 'loading' has its text alone.
 */
export function shownOf(reading, { words, locale, access }) {
  const { state, kind = 'lead' } = reading;
  const texts = KINDS[kind];
  if (state === 'loading') {
    return { state, text: words.loading };
  }
  if (state !== 'scored') {
    const text = words[state === 'notScored' ? texts.notScored : `${state}Text`];
    return { state, note: { title: words[`${state}Title`], text: said(text, access) } };
  }
  return {
    state,
    score: reading.score,
    grade: reading.grade,
    tone: toneOf(reading),
    spoken: spokenOf(reading, words),
    verdict: said(words[reading.verdict], capital(reading.route)),
    odds: reading.odds && said(words[texts.odds[reading.odds.word]], reading.odds.count),
    percent: reading.odds && percentOf(reading.likelihood, locale),
    percentLabel: words.likelihood,
    decided: reading.decided && words[DECIDED[reading.decided]],
    notices: noticesOf(reading, words, texts),
    ...reasonsOf(reading, words),
    ...changeOf(reading.change, words),
    map: mapOf(reading, words),
    facts: factsOf(reading, words, locale),
    help: texts.help.map((key) => ({ key, text: words[key] })),
  };
}

/** Puts values into a text, each for its {number}. */
export function said(text, ...values) {
  return text.replace(/\{(\d)\}/g, (place, number) => values[number] ?? place);
}

/** Writes a share as people read it: 34 %, and 3.4 % where a whole number would be too coarse. */
export function percentOf(share, locale) {
  const digits = share < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: digits }).format(share);
}

function toneOf({ grade, verdict }) {
  return verdict === 'pass' ? 'none' : ({ A: 'best', B: 'good', C: 'fair' }[grade] ?? 'none');
}

function spokenOf({ score, grade }, words) {
  const told = [score === null ? null : said(words.scoreOf, score), grade && said(words.grade, grade)];
  return told.filter(Boolean).join(', ');
}

function noticesOf(reading, words, texts) {
  const notices = [];
  if (reading.isStale) {
    notices.push({ key: 'stale', title: said(words.staleTitle, reading.ageDays), text: words[texts.stale] });
  }
  if (reading.tooLittle) {
    notices.push({ key: 'tooLittle', title: words.tooLittleTitle, text: words[texts.tooLittle] });
  }
  return notices;
}

function reasonsOf({ reasonsFor, reasonsAgainst, topReason, decided }, words) {
  const hasReasons = reasonsFor.length + reasonsAgainst.length > 0;
  // What a person or a rule has decided is said beside the verdict, and not once more among the reasons.
  const decision = decided ? [...reasonsFor, ...reasonsAgainst].filter((reason) => !reason.effect)[0] : null;
  const sides = [
    { key: 'for', heading: words.speaksFor, sign: '+', reasons: reasonsFor },
    { key: 'against', heading: words.speaksAgainst, sign: '\u2212', reasons: reasonsAgainst },
  ];
  return {
    because: decision?.text ?? (hasReasons ? null : topReason),
    sides: sides
      .map((side) => ({ ...side, reasons: keyed(side.reasons.filter((reason) => reason !== decision)) }))
      .filter((side) => side.reasons.length > 0)
      .sort((one, other) => strongest(other) - strongest(one)),
  };
}

/** The side with the strongest reason comes first: it says why the score is what it is. */
function strongest({ reasons }) {
  return Math.max(...reasons.map(({ strength }) => strength));
}

function keyed(reasons) {
  return reasons.map((reason, place) => ({ ...reason, key: String(place) }));
}

/** Parts how far the score moved, which stands with the verdict, from what moved it. */
function changeOf(change, words) {
  if (!change) {
    return { move: null, change: null };
  }
  if (change.points === null) {
    return { move: null, change: { heading: words.changed, text: change.since, causes: [] } };
  }
  const rose = change.points > 0;
  const causes = change.causes.map(({ text, points }, place) => ({ key: String(place), text, points: signed(points) }));
  return {
    move: {
      direction: rose ? 'up' : 'down',
      arrow: rose ? '\u25b2' : '\u25bc',
      text: said(rose ? words.up : words.down, Math.abs(change.points)),
      since: change.since,
    },
    change: causes.length > 0 ? { heading: words.changed, text: '', causes } : null,
  };
}

function signed(points) {
  if (points === null) {
    return '';
  }
  return points < 0 ? `\u2212${-points}` : `+${points}`;
}

function mapOf({ fit, engagement, quadrant }, words) {
  if (quadrant === null) {
    return null;
  }
  const axes = [
    { key: 'fit', label: words.fit, value: fit, arrow: '\u2192' },
    { key: 'engagement', label: words.engagement, value: engagement, arrow: '\u2191' },
  ];
  return { heading: words.map, name: words[quadrant], fit, engagement, axes };
}

function factsOf({ route, model, modelAt, scoredAt, ageDays }, words, locale) {
  const facts = [
    { key: 'scored', label: words.scored, value: scoredAt && agoOf(scoredAt, ageDays, locale) },
    { key: 'route', label: words.route, value: words[ROUTES[route]] ?? capital(route) },
    { key: 'model', label: words.model, value: model },
    { key: 'learned', label: words.learned, value: modelAt && dayOf(modelAt, locale) },
  ];
  return facts.filter(({ value }) => value);
}

function agoOf(instant, days, locale) {
  if (days > RECENT_DAYS) {
    return dayOf(instant, locale);
  }
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-days, 'day');
}

function dayOf(instant, locale) {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(instant);
}

function capital(text) {
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}
