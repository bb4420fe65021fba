/**
 * Reads what Truegrade wrote on a record: from the values of its fields to what a person is shown. Pure functions.
 *
 * The Lightning component and the HubSpot card hold the same file; a test fails when the two differ. The texts that it
 * takes apart are made by mappings/outbound.py, mappings/moved.py, model/sentences.py and model/points_reasons.py, in
 * any of their languages: only signs, brackets and numbers are looked at. What it cannot take apart it leaves whole, so
 * that no word of a reason is ever lost.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
const MIDDLE = 50; // of the scores from 1 to 99
const WEAKEST = 0.06; // a bar that can still be seen
const FULL_FACTOR = 5; // so many times as often fills a bar
const FULL_POINTS = 40; // so do so many points

const MINUS = '\u2212';
const SIGNED = /^[+\-\u2212]\d/;

/** What to do by grade, for leads and companies, and for deals; all others are the last. */
const CALLS = { A: 'callFirst', B: 'call', other: 'nurture' };
const PURSUITS = { A: 'dealFirst', B: 'dealGood', C: 'dealPush', other: 'dealDoubtful' };

/**
 * Says what to show for the values of our fields, by role.
 *
 * A value is undefined where it may not be seen, null or '' where it is empty. `likelihood` is a share, `scored_at` any
 * instant that Date reads. `kind` is 'lead' (any person), 'company' or 'deal'. `now` is a Date; a score older than
 * `staleAfterDays` is told as old.
 */
export function readingOf(values, { now, staleAfterDays, kind = 'lead' }) {
  if (values.score === undefined && values.grade === undefined) {
    return { state: 'noAccess', kind };
  }
  const score = numberOf(values.score);
  if (score === null && !values.grade) {
    return { state: 'notScored', kind };
  }
  const likelihood = numberOf(values.likelihood);
  const codes = String(values.reason_codes ?? '').split(';');
  const decided = decidedBy(codes[0]);
  const ageDays = ageInDays(values.scored_at, now);
  const reasons = reasonsIn(values.reasons, codes);
  return {
    state: 'scored',
    kind,
    score,
    grade: values.grade || null,
    likelihood,
    odds: likelihood === null ? null : oddsOf(likelihood),
    verdict: verdictOf(values.grade, values.route, kind),
    decided,
    // A field that may not be seen is no sign of too little data, and neither is a lead that a rule has ended.
    tooLittle: likelihood === null && values.likelihood !== undefined && !decided,
    isStale: ageDays !== null && ageDays > staleAfterDays,
    ageDays,
    reasonsFor: reasons.filter((reason) => reason.speaksFor),
    reasonsAgainst: reasons.filter((reason) => !reason.speaksFor),
    topReason: values.top_reason || null,
    change: changeIn(values.change),
    fit: numberOf(values.fit),
    engagement: numberOf(values.engagement),
    quadrant: quadrantOf(numberOf(values.fit), numberOf(values.engagement)),
    route: values.route || null,
    model: values.model || null,
    modelAt: learnedAt(values.model),
    scoredAt: ageDays === null ? null : instantOf(values.scored_at),
  };
}

/**
 * Says a likelihood as people do: { word: 'one', count: 8 } for "about 1 in 8", { word: 'many', count: 6 } for "about
 * 6 in 10"; 'few' and 'most' at the ends, where a count would promise too much.
 */
export function oddsOf(likelihood) {
  if (likelihood < 0.01) {
    return { word: 'few', count: 100 };
  }
  if (likelihood < 0.3) {
    return { word: 'one', count: Math.round(1 / likelihood) };
  }
  return likelihood >= 0.95 ? { word: 'most', count: 9 } : { word: 'many', count: Math.round(10 * likelihood) };
}

/**
 * Says what to do: the route counts, and without one the grade. A route of the customer's own is 'routed'. Deals are
 * worked already, so that for them the grade counts before the routes 'sales' and 'nurture'.
 */
export function verdictOf(grade, route, kind = 'lead') {
  if (route === 'disqualify') {
    return 'pass';
  }
  if (route && route !== 'sales' && route !== 'nurture') {
    return 'routed';
  }
  if (kind === 'deal') {
    return PURSUITS[grade] ?? PURSUITS.other;
  }
  if (route === 'sales') {
    return grade === 'A' ? CALLS.A : CALLS.B;
  }
  return route ? CALLS.other : (CALLS[grade] ?? CALLS.other);
}

/**
 * Takes the lines of the reasons apart: [{ speaksFor, text, effect, strength }], in their order.
 *
 * `codes` are the reasons' codes. What a rule or a person has decided is a sentence without an effect, and stays whole.
 */
export function reasonsIn(text, codes = []) {
  return String(text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line, place) => reasonIn(line, Boolean(decidedBy(codes[place] ?? ''))));
}

function reasonIn(line, isDecision) {
  const speaksFor = !line.startsWith('- ');
  const whole = line.replace(/^[+-] /, '');
  if (isDecision) {
    return { speaksFor, text: whole, effect: '', strength: 0 };
  }
  // "Country: Chile (2.1 times as likely)", "Country: Chile (-10 points)"
  const [, said, effect] = whole.match(/^(.+) \(([^()]+)\)$/) ?? [null, whole, ''];
  return { speaksFor, text: said, effect: effect.replace(/^-/, MINUS), strength: strengthOf(effect) };
}

/** Measures an effect for a bar, from 0 (none told) to 1: a third less likely is as strong as 1.5 times as likely. */
function strengthOf(effect) {
  if (!effect) {
    return 0;
  }
  const isPoints = SIGNED.test(effect);
  const number = parseFloat((effect.match(/\d+([.,]\d+)?/)?.[0] ?? '0').replace(',', '.'));
  if (isPoints) {
    return within(number / FULL_POINTS);
  }
  const factor = effect.includes('%') ? 1 / (1 - Math.min(number, 99) / 100) : Math.max(number, 1);
  return within(Math.log(factor) / Math.log(FULL_FACTOR));
}

function within(strength) {
  return Math.min(1, Math.max(WEAKEST, strength));
}

/**
 * Takes the note of change apart: { points, since, causes: [{ text, points }] }; null without one.
 *
 * "+12 since 3 Nov 2026: Campaign responses 0 \u2192 2 (+9), Industry Retail \u2192 Banking (+3); model 20261124-ab12".
 * The model is told elsewhere and left out.
 */
export function changeIn(text) {
  const found = String(text ?? '').match(/^([+-]\d+) (.*)$/);
  if (!found) {
    return text ? { points: null, since: String(text), causes: [] } : null;
  }
  const told = found[2].replace(/; [^;]*$/, '');
  const [since, ...causes] = told.split(': ');
  return { points: Number(found[1]), since: since.trim(), causes: causes.length ? causesIn(causes.join(': ')) : [] };
}

function causesIn(told) {
  const parts = told.match(/.+?\([+-]\d+\)(?=, |$)/g) ?? [told];
  return parts.map((part) => {
    const found = part.replace(/^, (and )?/, '').match(/^(.*?)(?: \(([+-]\d+)\))?$/);
    return { text: found[1].replace(/ -> /g, ' \u2192 '), points: found[2] ? Number(found[2]) : null };
  });
}

/** Tells the day when a model was learned, from its version: 20261124-ab12cd34; null for any other, such as points. */
function learnedAt(model) {
  const found = String(model ?? '').match(/^(\d{4})(\d\d)(\d\d)-/);
  return found && instantOf(`${found.slice(1).join('-')}T12:00:00Z`);
}

/** Names the quarter of the map of fit by engagement; null where one of them is not told. */
export function quadrantOf(fit, engagement) {
  if (fit === null || engagement === null) {
    return null;
  }
  if (fit >= MIDDLE) {
    return engagement >= MIDDLE ? 'goodActive' : 'goodQuiet';
  }
  return engagement >= MIDDLE ? 'weakActive' : 'weakQuiet';
}

/** Tells who decided before any model did: 'hand', 'rule' or null. Codes of features end with + or -, these never. */
function decidedBy(code) {
  if (/[+-]$/.test(code)) {
    return null;
  }
  if (code.startsWith('OVERRIDE')) {
    return 'hand';
  }
  return code.startsWith('RULE_') ? 'rule' : null;
}

function numberOf(value) {
  if (value === undefined || value === null || value === '') {
    return null;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** Makes a Date of ISO text or, as HubSpot has it, of milliseconds as text; null of anything else. */
export function instantOf(value) {
  if (value === undefined || value === null || value === '') {
    return null;
  }
  const instant = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(instant.getTime()) ? null : instant;
}

function ageInDays(value, now) {
  const instant = instantOf(value);
  return instant === null ? null : Math.max(0, Math.floor((now.getTime() - instant.getTime()) / DAY_MS));
}
