import '@lwc/synthetic-shadow';
import { createElement } from 'lwc';
import TruegradeScore from 'c/truegradeScore';

const element = createElement('c-truegrade-score', { is: TruegradeScore });
element.recordId = '00Q000000000001AAA';
element.objectApiName = globalThis.TRUEGRADE.objectApiName;
document.querySelector('main').appendChild(element);
