/**
 * Truegrade's fields on a record, by what each is for. The names are those of mappings/outputs.py, as a test proves.
 */

// The one place that knows the prefix. Who chose another one in the mapping changes it here before deploying.
export const PREFIX = 'TG_';

const OF_ONE = {
  score: 'Score__c',
  grade: 'Grade__c',
  likelihood: 'Likelihood__c',
  fit: 'Fit__c',
  engagement: 'Engagement__c',
  top_reason: 'Top_Reason__c',
  reasons: 'Reasons__c',
  reason_codes: 'Reason_Codes__c',
  change: 'Change__c',
  route: 'Route__c',
  model: 'Model__c',
  scored_at: 'Scored_At__c',
};

/** Those of an account, which sum up its leads. */
const OF_ALL = {
  score: 'Score__c',
  grade: 'Grade__c',
  likelihood: 'Likelihood__c',
  top_reason: 'Top_Reason__c',
  best_lead: 'Best_Lead__c',
  open_leads: 'Open_Leads__c',
  coverage: 'Coverage__c',
  roles: 'Roles__c',
  change: 'Change__c',
  model: 'Model__c',
  scored_at: 'Scored_At__c',
};

const PERCENTS = ['likelihood', 'coverage'];
const KINDS = { Account: 'company', Opportunity: 'deal' };

/** Says of what kind an object's records are: 'company', 'deal', or 'lead' for people. */
export function kindOf(objectApiName) {
  return KINDS[objectApiName] ?? 'lead';
}

function rolesOf(objectApiName) {
  return kindOf(objectApiName) === 'company' ? OF_ALL : OF_ONE;
}

/** Names what to ask for beside: the adapter's contract is one field at least that is not optional. */
export function requiredOf(objectApiName) {
  return [`${objectApiName}.Id`];
}

/** Names the fields to ask for, as "Lead.TG_Score__c". */
export function fieldsOf(objectApiName) {
  return Object.values(rolesOf(objectApiName)).map((name) => `${objectApiName}.${PREFIX}${name}`);
}

/**
 * Takes the values out of a record of lightning/uiRecordApi, by role.
 *
 * A role is undefined where the user may not see its field, or the field does not exist: getRecord leaves out such
 * optional fields without a word. It is null where the field is empty. Percents become shares from 0 to 1.
 */
export function valuesOf(record) {
  const values = {};
  for (const [role, name] of Object.entries(rolesOf(record.apiName))) {
    const value = record.fields[PREFIX + name]?.value;
    values[role] = PERCENTS.includes(role) && typeof value === 'number' ? value / 100 : value;
  }
  return values;
}
