/**
 * Truegrade's properties on a record, by what each is for. The names are those of mappings/outputs.py, as a test
 * proves.
 */

import type { Kind, Values } from './truegradeReading.js';

// The one place that knows the prefix. Who chose another one in the mapping changes it here before uploading.
export const PREFIX = 'tg_';

const OF_ONE = [
  'score',
  'grade',
  'likelihood',
  'fit',
  'engagement',
  'top_reason',
  'reasons',
  'reason_codes',
  'change',
  'route',
  'model',
  'scored_at',
];

/** Those of a company, which sum up its leads. */
const OF_ALL = [
  'score',
  'grade',
  'likelihood',
  'top_reason',
  'best_lead',
  'open_leads',
  'coverage',
  'roles',
  'change',
  'model',
  'scored_at',
];

const KINDS: Record<string, Kind> = { '0-2': 'company', '0-3': 'deal' };

/** Says of what kind an object's records are, from its type id: '0-2' are companies, '0-3' deals. */
export function kindOf(objectTypeId: string): Kind {
  return KINDS[objectTypeId] ?? 'lead';
}

function rolesOf(kind: Kind): string[] {
  return kind === 'company' ? OF_ALL : OF_ONE;
}

/** The properties to ask HubSpot for. */
export function propertiesOf(kind: Kind): string[] {
  return rolesOf(kind).map((role) => PREFIX + role);
}

/** Turns properties into values by role; undefined where HubSpot gave none, null where the property is empty. */
export function valuesOf(properties: Record<string, string | null>, kind: Kind): Values {
  return Object.fromEntries(rolesOf(kind).map((role) => [role, properties[PREFIX + role]]));
}
