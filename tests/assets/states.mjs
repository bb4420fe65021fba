/**
 * Every state that a rep can see on a person, as the values of our fields by role, and those of companies and deals
 * (otherStates). Texts are as Truegrade writes them.
 */

import { COMPANIES, dealsOf } from './otherStates.mjs';

export const NOW = new Date('2026-11-26T09:00:00Z');

const FULL = {
  score: 91,
  grade: 'A',
  likelihood: 0.3412,
  fit: 78,
  engagement: 86,
  top_reason: 'Campaign responses: 3 (3.4 times as likely)',
  reasons: [
    '+ Campaign responses: 3 (3.4 times as likely)',
    '+ Job title: VP of Sales (2.1 times as likely)',
    '- Free mail address: yes (35% less likely)',
    '+ Industry: Banking (1.4 times as likely)',
    '- Employees: 12 (slightly less likely)',
  ].join('\n'),
  reason_codes: 'CAMPAIGN_RESPONSES+;TITLE+;FREE_MAIL-;INDUSTRY+;EMPLOYEES-',
  change: '+12 since 3 Nov 2026: Campaign responses 0 → 2 (+9), Industry Retail → Banking (+3); model 20261124-ab12',
  route: 'sales',
  model: '20261124-ab12',
  scored_at: '2026-11-24T06:12:00.000Z',
};

const COLD = {
  ...FULL,
  score: 14,
  grade: 'D',
  likelihood: 0.0061,
  fit: 22,
  engagement: 9,
  top_reason: 'Last activity: 190 days ago (62% less likely)',
  reasons: [
    '- Last activity: 190 days ago (62% less likely)',
    '- Free mail address: yes (35% less likely)',
    '- Job title: Student (31% less likely)',
    '- Industry: Education (22% less likely)',
    '- Employees: 3 (9% less likely)',
    '- Country: Chile (slightly less likely)',
    '+ Lead source: Partner referral (1.3 times as likely)',
  ].join('\n'),
  reason_codes: 'LAST_ACTIVITY-;FREE_MAIL-;TITLE-;INDUSTRY-;EMPLOYEES-;COUNTRY-;SOURCE+',
  change: '-8 since 20 Oct 2026: Last activity 150 days ago → 190 days ago (-8); model 20261124-ab12',
  route: 'nurture',
};

const EMPTY = Object.fromEntries(Object.keys(FULL).map((role) => [role, null]));

/** By name: `values` of our fields, or what the platform does instead of giving any; `kind` is 'lead' without one. */
export const STATES = {
  hot: { values: FULL },
  warm: {
    values: {
      ...FULL,
      score: 68,
      grade: 'B',
      likelihood: 0.1234,
      fit: 81,
      engagement: 31,
      change: null,
      reasons: '+ Industry: Banking (1.4 times as likely)\n- Last visit: 31 days ago (12% less likely)',
      reason_codes: 'INDUSTRY+;LAST_VISIT-',
    },
  },
  fair: {
    values: {
      ...FULL,
      score: 41,
      grade: 'C',
      likelihood: 0.048,
      fit: 38,
      engagement: 64,
      route: 'nurture',
      change: '-3 since 18 Nov 2026; model 20261124-ab12',
      reasons: '+ Page views: 14 (1.2 times as likely)\n- Employees: 12 (28% less likely)',
      reason_codes: 'PAGE_VIEWS+;EMPLOYEES-',
    },
  },
  cold: { values: COLD },
  routed: { values: { ...FULL, route: 'partner desk' } },
  tooLittle: {
    values: {
      ...FULL,
      score: 57,
      grade: 'B',
      likelihood: null,
      fit: null,
      engagement: null,
      change: null,
      top_reason: 'Industry: Banking (+15 points)',
      reasons:
        '+ Industry: Banking (+15 points)\n+ Country: Austria (+5 points)\n- Free mail address: yes (-10 points)',
      reason_codes: 'INDUSTRY+;COUNTRY+;FREE_MAIL-',
      model: 'points',
    },
  },
  stale: { values: { ...FULL, change: null, scored_at: '2026-10-02T06:12:00.000Z' } },
  byHand: {
    values: {
      ...FULL,
      grade: 'A',
      score: 37,
      likelihood: 0.041,
      change: null,
      reasons: `+ Set by hand until 31 Dec 2026: key account, ask Kim first\n${COLD.reasons}`,
      reason_codes: `OVERRIDE;${COLD.reason_codes}`,
    },
  },
  disqualified: {
    values: {
      ...COLD,
      score: 1,
      likelihood: null,
      change: null,
      route: 'disqualify',
      top_reason: 'Disqualified: works for a competitor',
      reasons: `- Disqualified: works for a competitor\n${COLD.reasons}`,
      reason_codes: `RULE_COMPETITOR;${COLD.reason_codes}`,
    },
  },
  onlyTopReason: {
    values: { ...FULL, likelihood: undefined, reasons: undefined, reason_codes: undefined, change: undefined },
  },
  long: {
    values: {
      ...FULL,
      top_reason: 'x'.repeat(255),
      reasons: Array.from(
        { length: 9 },
        (_, place) =>
          `${place % 3 ? '+' : '-'} A field that somebody has given a label of many words in the year 2019: ` +
          `Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz ${place} ` +
          (place % 3 ? '(over 100 times as likely)' : '(99% less likely)'),
      ).join('\n'),
      route: 'Strategic accounts of the south-western region',
      model: 'm'.repeat(80),
    },
  },
  ...COMPANIES,
  ...dealsOf(FULL),
  notScored: { values: EMPTY },
  noAccess: { values: {} },
  loading: { waits: true },
  error: { fails: true },
};
