/** Our values by role, as each CRM hands them to what we install in it. */

/** What each CRM calls a kind of record. */
export const OBJECTS = { lead: 'Lead', company: 'Account', deal: 'Opportunity' };
export const OBJECT_TYPES = { lead: '0-1', company: '0-2', deal: '0-3' };

const PERCENTS = ['likelihood', 'coverage'];

function fieldName(role) {
  const words = role.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `TG_${words.join('_')}__c`;
}

/** Makes a record as getRecord gives it: fields that may not be seen are not in it; a percent field holds 34.12. */
export function salesforceRecord(values, apiName = 'Lead') {
  const seen = Object.entries(values).filter(([, value]) => value !== undefined);
  const fields = seen.map(([role, value]) => {
    const isPercent = PERCENTS.includes(role) && value !== null;
    return [fieldName(role), { value: isPercent ? Number((value * 100).toFixed(2)) : value, displayValue: null }];
  });
  return { apiName, id: '00Q000000000001AAA', fields: Object.fromEntries(fields) };
}

/** Makes properties as HubSpot gives them: all are text; a datetime is ISO text. */
export function hubspotProperties(values) {
  const seen = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(seen.map(([role, value]) => [`tg_${role}`, value === null ? null : String(value)]));
}
