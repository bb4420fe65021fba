import { createRoot } from 'react-dom/client';

import { Score } from '../../hubspot/src/app/cards/Score';

const { locale } = (globalThis as unknown as { TRUEGRADE: { locale: string } }).TRUEGRADE;
const user = { language: locale, locale } as never;

const place = document.createElement('div');

document.querySelector('main')?.appendChild(place);
createRoot(place).render(
  <>
    <h2>Truegrade score</h2>
    <Score context={{ user }} />
  </>,
);
