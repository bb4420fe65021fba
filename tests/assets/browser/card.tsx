import { createRoot } from 'react-dom/client';

import { Score } from '../../hubspot/src/app/cards/Score';

const { locale, objectTypeId } = (globalThis as unknown as { TRUEGRADE: Record<string, string> }).TRUEGRADE;
const context = { user: { language: locale, locale }, crm: { objectTypeId } } as never;

const place = document.createElement('div');

document.querySelector('main')?.appendChild(place);
createRoot(place).render(
  <>
    <h2>Truegrade score</h2>
    <Score context={context} />
  </>,
);
