import { hubspot } from '@hubspot/ui-extensions';

import { Score } from './Score';

hubspot.extend<'crm.record.sidebar'>(({ context }) => <Score context={context} />);
