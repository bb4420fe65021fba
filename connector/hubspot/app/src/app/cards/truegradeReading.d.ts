/** What was read from a record; only truegradeShown looks into it. */
export interface Reading {
  state: 'loading' | 'noAccess' | 'notScored' | 'scored' | 'error';
}

export type Kind = 'lead' | 'company' | 'deal';
export type Values = Record<string, string | number | null | undefined>;

export function readingOf(values: Values, options: { now: Date; staleAfterDays: number; kind?: Kind }): Reading;
