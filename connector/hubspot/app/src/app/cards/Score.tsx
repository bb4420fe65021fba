import type { ExtensionPointApiContext } from '@hubspot/ui-extensions';
import { EmptyState, ErrorState, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { useCrmProperties } from '@hubspot/ui-extensions/crm';

import { PREFIX, PROPERTIES, valuesOf } from './fields';
import { Panel } from './Panel';
import { readingOf } from './truegradeReading.js';
import type { Reading } from './truegradeReading.js';
import { shownOf } from './truegradeShown.js';
import { wordsFor } from './words';

const STALE_AFTER_DAYS = 30;

interface ScoreProps {
  context: Pick<ExtensionPointApiContext<'crm.record.sidebar'>, 'user'>;
  /** When it is; tests set it. */
  now?: Date;
}

/** Shows what Truegrade wrote on the record: whether to call, and why. Reads properties only, and asks no server. */
export function Score({ context, now = new Date() }: ScoreProps) {
  const { properties, error, isLoading } = useCrmProperties(PROPERTIES);
  const words = wordsFor(context.user.language ?? context.user.locale);
  const locale = context.user.locale ?? context.user.language ?? 'en';
  const reading = read({ properties, error, isLoading, now });
  const shown = shownOf(reading, { words, locale: locale.replace('_', '-'), access: `${PREFIX}*` });
  switch (shown.state) {
    case 'loading':
      return <LoadingSpinner label={shown.text} showLabel layout="centered" />;
    case 'scored':
      return <Panel shown={shown} words={words} />;
    case 'notScored':
      return (
        <EmptyState title={shown.note.title} layout="vertical" imageName="target" imageWidth={80}>
          <Text>{shown.note.text}</Text>
        </EmptyState>
      );
    default:
      return (
        <ErrorState title={shown.note.title} type={shown.state === 'noAccess' ? 'lock' : 'error'}>
          <Text>{shown.note.text}</Text>
        </ErrorState>
      );
  }
}

interface Fetched {
  properties: Record<string, string | null>;
  error: Error | null;
  isLoading: boolean;
  now: Date;
}

function read({ properties, error, isLoading, now }: Fetched): Reading {
  if (error) {
    return { state: 'error' };
  }
  return isLoading ? { state: 'loading' } : readingOf(valuesOf(properties), { now, staleAfterDays: STALE_AFTER_DAYS });
}
