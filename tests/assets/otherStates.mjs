/** The states of companies and deals, as the values of our fields by role. */

const COMPANY = {
  score: 91,
  grade: 'A',
  likelihood: 0.4287,
  top_reason: '7 open leads, the best scores 91 (A); nobody from finance yet.',
  best_lead: '501',
  open_leads: '1 A, 2 B, 4 C',
  coverage: 0.5,
  roles: '2 of 4 roles: decision maker, user; nobody from finance, IT',
  change: '+6 since 18 Nov 2026, 2 more open leads',
  model: '20261124-ab12',
  scored_at: '2026-11-24T06:12:00.000Z',
};

export const COMPANIES = {
  company: { kind: 'company', values: COMPANY },
  companyCold: {
    kind: 'company',
    values: {
      ...COMPANY,
      score: 12,
      grade: 'D',
      likelihood: 0.004,
      top_reason: '1 open lead, it scores 12 (D); nobody from finance yet.',
      open_leads: '1 D',
      coverage: 0,
      roles: '0 of 4 roles; nobody from decision maker, user, finance, IT',
      change: '-31 since 2 Nov 2026, 1 fewer open lead',
    },
  },
  companyTooLittle: {
    kind: 'company',
    values: { ...COMPANY, likelihood: null, change: '2 more open leads since 18 Nov 2026' },
  },
  companyBare: {
    kind: 'company',
    values: { score: 63, grade: 'B', likelihood: 0.12, scored_at: COMPANY.scored_at },
  },
  companyNotScored: {
    kind: 'company',
    values: Object.fromEntries(Object.keys(COMPANY).map((role) => [role, null])),
  },
};

/** Makes the states of a deal from the values of a person who has all of them. */
export function dealsOf(full) {
  const deal = {
    ...full,
    score: 82,
    grade: 'A',
    likelihood: 0.61,
    fit: 71,
    engagement: 77,
    route: null,
    top_reason: 'Stages passed: 4 (2.2 times as likely)',
    reasons: [
      '+ Stages passed: 4 (2.2 times as likely)',
      '+ Days since last activity: 2 (1.6 times as likely)',
      '- Close date moved: 3 times (38% less likely)',
    ].join('\n'),
    reason_codes: 'STAGES_PASSED+;LAST_ACTIVITY+;CLOSE_DATE_MOVED-',
    change: '+7 since 20 Nov 2026: Stages passed 3 → 4 (+7); model 20261124-ab12',
  };
  return {
    deal: { kind: 'deal', values: deal },
    dealCold: {
      kind: 'deal',
      values: {
        ...deal,
        score: 9,
        grade: 'D',
        likelihood: 0.031,
        fit: 40,
        engagement: 6,
        top_reason: 'Close date moved: 6 times (71% less likely)',
        reasons: '- Close date moved: 6 times (71% less likely)\n- Days in this stage: 140 (44% less likely)',
        reason_codes: 'CLOSE_DATE_MOVED-;DAYS_IN_STAGE-',
        change: '-15 since 6 Nov 2026: Close date moved 4 times → 6 times (-15); model 20261124-ab12',
      },
    },
    dealStale: { kind: 'deal', values: { ...deal, change: null, scored_at: '2026-08-02T06:12:00.000Z' } },
    dealNotScored: {
      kind: 'deal',
      values: Object.fromEntries(Object.keys(full).map((role) => [role, null])),
    },
  };
}
