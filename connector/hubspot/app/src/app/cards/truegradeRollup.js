/**
 * What a company has besides a score: its open leads, and who of a buying group is among them. Pure functions.
 *
 * The Lightning component and the HubSpot card hold the same file; a test fails when the two differ. The texts that it
 * takes apart are made by mappings/company_words.py: "2 A, 1 B, 4 C" are the open leads.
 */

/**
 * Makes the texts to show, from the values of our fields by role; null parts where nothing is told.
 *
 * `coverage` is a share from 0 to 1. `words` are texts by key, `locale` is a BCP 47 tag. Gives { leads: { heading, best,
 * open, grades: [{ key, count }] }, group: { heading, share, percent, text } }; `best` is the best lead's id.
 */
export function rollupOf(values, { words, locale }) {
  return { leads: leadsOf(values, words), group: groupOf(values, words, locale) };
}

function leadsOf({ best_lead: best, open_leads: text }, words) {
  if (!best && !text) {
    return null;
  }
  const grades = [...String(text ?? '').matchAll(/(\d+) ([A-Z])\b/g)].map(([, count, key]) => ({ key, count }));
  return { heading: words.openLeads, best: best || null, open: words.bestLead, grades };
}

function groupOf({ coverage, roles }, words, locale) {
  const share = coverage === undefined || coverage === null || coverage === '' ? null : Number(coverage);
  if (share === null && !roles) {
    return null;
  }
  const percent = share === null ? '' : new Intl.NumberFormat(locale, { style: 'percent' }).format(share);
  return { heading: words.buyingGroup, share, percent, text: roles || '' };
}
