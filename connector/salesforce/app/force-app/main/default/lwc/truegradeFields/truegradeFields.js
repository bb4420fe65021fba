/**
 * Truegrade's fields on a record, by what each is for. The names follow mappings/outputs.py; a test holds them against it.
 */

// The one place that knows the prefix. Who chose another one in the mapping changes it here before deploying.
export const PREFIX = 'TG_';

const ROLES = {
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
    scored_at: 'Scored_At__c'
};

/** Names the fields to ask for, as "Lead.TG_Score__c". */
export function fieldsOf(objectApiName) {
    return Object.values(ROLES).map((name) => `${objectApiName}.${PREFIX}${name}`);
}

/**
 * Takes the values out of a record of lightning/uiRecordApi, by role.
 *
 * A role is undefined where the user may not see its field, or the field does not exist: getRecord leaves out such
 * optional fields without a word. It is null where the field is empty. The likelihood becomes a share from 0 to 1.
 */
export function valuesOf(record) {
    const values = {};
    for (const [role, name] of Object.entries(ROLES)) {
        values[role] = record.fields[PREFIX + name]?.value;
    }
    if (typeof values.likelihood === 'number') {
        values.likelihood /= 100;
    }
    return values;
}
