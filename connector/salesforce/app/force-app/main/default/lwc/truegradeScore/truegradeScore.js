import { LightningElement, api, wire } from 'lwc';
import { getRecord } from 'lightning/uiRecordApi';
import LOCALE from '@salesforce/i18n/locale';
import { fieldsOf, kindOf, requiredOf, valuesOf } from 'c/truegradeFields';
import { readingOf } from 'c/truegradeReading';
import { rollupOf } from 'c/truegradeRollup';
import { shownOf } from 'c/truegradeShown';
import { WORDS } from 'c/truegradeWords';

const ACCESS = 'Truegrade User'; // the permission set that provisioning makes for reps

/**
 * The panel on a record page: whether to call, and why. Reads the fields that Truegrade writes, by the platform's own
 * data service and with the user's own rights; no Apex, no call to any server of ours.
 */
export default class TruegradeScore extends LightningElement {
  @api recordId;
  @api objectApiName;
  /** Days after which a score is called old. */
  @api staleAfterDays = 30;

  words = WORDS;
  reading = { state: 'loading' };
  rollup = { leads: null, group: null };

  get fields() {
    return this.objectApiName ? fieldsOf(this.objectApiName) : undefined;
  }

  get required() {
    return this.objectApiName ? requiredOf(this.objectApiName) : undefined;
  }

  @wire(getRecord, { recordId: '$recordId', fields: '$required', optionalFields: '$fields' })
  take({ data, error }) {
    if (data) {
      const values = valuesOf(data);
      const kind = kindOf(this.objectApiName);
      this.reading = readingOf(values, { now: new Date(), staleAfterDays: this.staleAfterDays, kind });
      this.rollup = rollupOf(values, { words: WORDS, locale: LOCALE });
    } else if (error) {
      this.reading = { state: 'error' };
    }
  }

  get shown() {
    return shownOf(this.reading, { words: WORDS, locale: LOCALE, access: ACCESS });
  }

  get isLoading() {
    return this.reading.state === 'loading';
  }

  get hasDetails() {
    return Boolean(this.shown.change || this.shown.map);
  }

  get hasRollup() {
    return Boolean(this.rollup.leads || this.rollup.group);
  }

  get move() {
    return `move ${this.shown.move.direction}`;
  }

  get isScored() {
    return this.reading.state === 'scored';
  }
}
