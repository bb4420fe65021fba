import type { ExtensionPointApiContext } from '@hubspot/ui-extensions';
import { EmptyState, ErrorState, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { useCrmProperties } from '@hubspot/ui-extensions/crm';

import { kindOf, PREFIX, propertiesOf, valuesOf } from './fields';
import { Panel } from './Panel';
import { readingOf } from './truegradeReading.js';
import type { Kind, Reading } from './truegradeReading.js';
import { rollupOf } from './truegradeRollup.js';
import { shownOf } from './truegradeShown.js';
import { wordsFor } from './words';

const STALE_AFTER_DAYS = 30;

interface ScoreProps {
  context: Pick<ExtensionPointApiContext<'crm.record.sidebar'>, 'user' | 'crm'>;
  /** When it is; tests set it. */
  now?: Date;
}

/** Shows what Truegrade wrote on the record: whether to call, and why. Reads properties only, and asks no server. */
export function Score({ context, now = new Date() }: ScoreProps) {
  const kind = kindOf(context.crm.objectTypeId);
  const { properties, error, isLoading } = useCrmProperties(propertiesOf(kind));
  const words = wordsFor(context.user.language ?? context.user.locale);
  const locale = (context.user.locale ?? context.user.language ?? 'en').replace('_', '-');
  const reading = read({ properties, error, isLoading, now, kind });
  const shown = shownOf(reading, { words, locale, access: `${PREFIX}*` });
  switch (shown.state) {
    case 'loading':
      return <LoadingSpinner label={shown.text} showLabel layout="centered" />;
    case 'scored':
      return <Panel shown={shown} rollup={rollupOf(valuesOf(properties, kind), { words, locale })} words={words} />;
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
  kind: Kind;
}

function read({ properties, error, isLoading, now, kind }: Fetched): Reading {
  if (error) {
    return { state: 'error' };
  }
  if (isLoading) {
    return { state: 'loading' };
  }
  return readingOf(valuesOf(properties, kind), { now, staleAfterDays: STALE_AFTER_DAYS, kind });
}
