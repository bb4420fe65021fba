/**
 * Truegrade's properties on a record, by what each is for. The names are those of mappings/outputs.py, as a test
 * proves.
 */

// The one place that knows the prefix. Who chose another one in the mapping changes it here before uploading.
export const PREFIX = 'tg_';

const ROLES = [
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
] as const;

/** The properties to ask HubSpot for. */
export const PROPERTIES = ROLES.map((role) => PREFIX + role);

/** Turns properties into values by role; undefined where HubSpot gave none, null where the property is empty. */
export function valuesOf(properties: Record<string, string | null>): Record<string, string | null | undefined> {
  return Object.fromEntries(ROLES.map((role) => [role, properties[PREFIX + role]]));
}
