/** Our values by role, as each CRM hands them to what we install in it. */

function fieldName(role) {
  const words = role.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `TG_${words.join('_')}__c`;
}

/** Makes a record as getRecord gives it: fields that may not be seen are not in it; a percent field holds 34.12. */
export function salesforceRecord(values) {
  const seen = Object.entries(values).filter(([, value]) => value !== undefined);
  const fields = seen.map(([role, value]) => {
    const held = role === 'likelihood' && value !== null ? Number((value * 100).toFixed(2)) : value;
    return [fieldName(role), { value: held, displayValue: null }];
  });
  return { apiName: 'Lead', id: '00Q000000000001AAA', fields: Object.fromEntries(fields) };
}

/** Makes properties as HubSpot gives them: all are text; a datetime is ISO text. */
export function hubspotProperties(values) {
  const seen = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(seen.map(([role, value]) => [`tg_${role}`, value === null ? null : String(value)]));
}
