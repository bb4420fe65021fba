import { changeIn, reasonsIn } from 'c/truegradeReading';
import golden from '../golden.json';
import spoken from '../spoken.json';

const MODEL = '20261124-ab12cd34';

describe.each(Object.entries(spoken))('what Truegrade writes in %s', (_, { reasons, changes }) => {
  it('has every reason taken apart', () => {
    for (const [line, text, effect] of reasons) {
      const [reason] = reasonsIn(line);
      expect([reason.text, reason.effect]).toEqual([text, effect.replace(/^-/, '\u2212')]);
      expect(reason.strength).toBeGreaterThan(0);
    }
  });

  it('has stronger effects shown as stronger', () => {
    const [slightly, twice, most, hardly, third] = reasons.map(([line]) => reasonsIn(line)[0].strength);
    expect([slightly, hardly]).toEqual([hardly, slightly]);
    expect(slightly).toBeLessThan(twice);
    expect(twice).toBeLessThan(most);
    expect(hardly).toBeLessThan(third);
  });

  it('has every note of change taken apart', () => {
    for (const [note, since] of changes) {
      const change = changeIn(note);
      expect([change.points, change.since]).toEqual([6, since]);
      expect(JSON.stringify(change)).not.toContain(MODEL);
    }
    expect(changeIn(changes.at(-1)[0]).causes).toEqual([
      { text: 'City Paris, Texas \u2192 Rome (It)', points: 9 },
      { text: 'Title', points: -4 },
      { text: 'Free mail', points: 1 },
    ]);
  });
});

/** What is read from a text, without its words. */
function measured(text) {
  const [{ speaksFor, effect, strength }] = reasonsIn(text);
  const change = /^[+-]\d/.test(text) ? changeIn(text) : null;
  return { speaksFor, hasEffect: Boolean(effect), strength, points: change?.points, causes: change?.causes.length };
}

it.each(Object.keys(spoken))('reads the same from a text in %s as from the English one', (language) => {
  expect(golden.length).toBeGreaterThan(100);
  for (const row of golden) {
    expect([row.en, measured(row[language])]).toEqual([row.en, measured(row.en)]);
  }
});
