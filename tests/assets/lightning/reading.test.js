import { changeIn, instantOf, oddsOf, quadrantOf, readingOf, reasonsIn, verdictOf } from 'c/truegradeReading';
import { percentOf, shownOf } from 'c/truegradeShown';
import { WORDS } from 'c/truegradeWords';
import { NOW, STATES } from '../states.mjs';

describe('reasons', () => {
  it.each([
    ['+ Industry: Banking (2.1 times as likely)', true, 'Industry: Banking', '2.1 times as likely'],
    ['- City: Paris, Texas (35% less likely)', false, 'City: Paris, Texas', '35% less likely'],
    ['+ Branche: Banken (2,1-mal so wahrscheinlich)', true, 'Branche: Banken', '2,1-mal so wahrscheinlich'],
    [
      '- Effectif\u00a0: 1\u00a0200 (35\u00a0% moins probable)',
      false,
      'Effectif\u00a0: 1\u00a0200',
      '35\u00a0% moins probable',
    ],
    ['+ Industry: Banking (+15 points)', true, 'Industry: Banking', '+15 points'],
    ['- Title: VP (acting) (-2.5 points)', false, 'Title: VP (acting)', '\u22122.5 points'],
    ['+ Works with us, says Kim', true, 'Works with us, says Kim', ''],
    ['- Country: Chile, wins slightly less often', false, 'Country: Chile, wins slightly less often', ''],
    ['Something else', true, 'Something else', ''],
  ])('takes %s apart', (line, speaksFor, text, effect) => {
    expect(reasonsIn(line)).toEqual([expect.objectContaining({ speaksFor, text, effect })]);
  });

  it('leaves what a rule has decided whole', () => {
    expect(reasonsIn('- Disqualified: one (two)', ['RULE_SPAM'])[0].text).toBe('Disqualified: one (two)');
  });

  it('takes no feature for a decision, whatever its name begins with', () => {
    const reasons = reasonsIn('+ Thumb: up (+5 points)\n+ Kind: x (+4 points)', ['RULE_OF_THUMB+', 'OVERRIDES+']);
    expect(reasons.map(({ effect }) => effect)).toEqual(['+5 points', '+4 points']);
    expect(readingOf({ score: 80, reason_codes: 'RULE_OF_THUMB+' }, { now: NOW }).decided).toBeNull();
  });

  it('measures strength alike for both sides: a third less likely weighs as much as half as likely again', () => {
    const [more, less] = reasonsIn('+ A: x (1.5 times as likely)\n- A: x (33.333% less likely)');
    expect(more.strength).toBeCloseTo(less.strength, 4);
  });

  it.each(['slightly more likely', 'over 100 times as likely', '100% less likely', '0% less likely', '+0,5 Punkte'])(
    'keeps the bar of "%s" on the page',
    (effect) => {
      const [{ strength }] = reasonsIn(`+ A: x (${effect})`);
      expect(strength).toBeGreaterThan(0);
      expect(strength).toBeLessThanOrEqual(1);
    },
  );

  it('has none in an empty field', () => {
    expect(reasonsIn(null)).toEqual([]);
  });
});

describe('the note of change', () => {
  it('keeps a cause with a comma and brackets in it', () => {
    expect(changeIn('+5 since 3 Nov 2026: City Paris, Texas -> Rome (It) (+5); model a').causes).toEqual([
      { text: 'City Paris, Texas \u2192 Rome (It)', points: 5 },
    ]);
  });

  it.each([
    ['+5 seit 3. Nov. 2026: Stadt Rom → Wien (+5); Modell a', 'seit 3. Nov. 2026'],
    ['+5 depuis le 3 nov. 2026\u00a0: Ville Rome → Vienne (+5); modèle a', 'depuis le 3 nov. 2026'],
    ['-5 since 3 Nov 2026; model a', 'since 3 Nov 2026'],
  ])('reads it in every language: %s', (text, since) => {
    expect(changeIn(text).since).toBe(since);
  });

  it('tells the rest that did not fit', () => {
    expect(changeIn('+5 since 3 Nov 2026: Title (+4), others (+1); model a').causes).toEqual([
      { text: 'Title', points: 4 },
      { text: 'others', points: 1 },
    ]);
  });

  it('shows whole what it cannot take apart', () => {
    expect(changeIn('a new field')).toEqual({ points: null, since: 'a new field', causes: [] });
    expect(changeIn(null)).toBeNull();
  });
});

describe('likelihood', () => {
  it.each([
    [0, 'few', 100],
    [0.0099, 'few', 100],
    [0.01, 'one', 100],
    [0.29, 'one', 3],
    [0.3, 'many', 3],
    [0.949, 'many', 9],
    [0.95, 'most', 9],
    [1, 'most', 9],
  ])('says %s as people do', (likelihood, word, count) => {
    expect(oddsOf(likelihood)).toEqual({ word, count });
  });

  it('follows the language in which the user reads numbers', () => {
    const written = [percentOf(0.048, 'en-US'), percentOf(0.048, 'de-DE'), percentOf(0.34, 'fr')];
    expect(written.map((text) => text.replace(/\s/g, ' '))).toEqual(['4.8%', '4,8 %', '34 %']);
  });
});

it.each([
  ['A', null, 'callFirst', 'lead'],
  ['B', undefined, 'call', 'lead'],
  ['D', null, 'nurture', 'lead'],
  ['A', 'nurture', 'nurture', 'lead'],
  ['C', 'sales', 'call', 'lead'],
  ['D', 'disqualify', 'pass', 'lead'],
  ['A', 'partners', 'routed', 'lead'],
  ['A', 'nurture', 'dealFirst', 'deal'],
  ['C', null, 'dealPush', 'deal'],
  [null, 'sales', 'dealDoubtful', 'deal'],
  ['A', 'disqualify', 'pass', 'deal'],
])('sends grade %s with route %s to the verdict %s: a %s', (grade, route, verdict, kind) => {
  expect(verdictOf(grade, route, kind)).toBe(verdict);
});

it('finds the quarter', () => {
  expect([quadrantOf(50, 50), quadrantOf(99, 1), quadrantOf(1, 99), quadrantOf(49, 49)]).toEqual([
    'goodActive',
    'goodQuiet',
    'weakActive',
    'weakQuiet',
  ]);
  expect(quadrantOf(null, 5)).toBeNull();
});

it('reads instants as both CRMs write them', () => {
  expect(instantOf('1764147600000')).toEqual(instantOf('2025-11-26T09:00:00.000Z'));
  expect([instantOf(''), instantOf(null), instantOf('soon')]).toEqual([null, null, null]);
});

it('leaves no place of a text unfilled, in any state', () => {
  for (const [name, { values, kind }] of Object.entries(STATES)) {
    const reading = values ? readingOf(values, { now: NOW, staleAfterDays: 30, kind }) : { state: name };
    const known = { loading: 'loading', error: 'error' }[name];
    const shown = shownOf(known ? { state: known } : reading, { words: WORDS, locale: 'en', access: 'x' });
    expect(JSON.stringify(shown)).not.toMatch(/\{\d\}|undefined|NaN|null in/);
  }
});
