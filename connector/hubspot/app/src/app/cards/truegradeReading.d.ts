/** What was read from a record; only truegradeShown looks into it. */
export interface Reading {
  state: 'loading' | 'noAccess' | 'notScored' | 'scored' | 'error';
}

export function readingOf(
  values: Record<string, string | number | null | undefined>,
  options: { now: Date; staleAfterDays: number },
): Reading;
