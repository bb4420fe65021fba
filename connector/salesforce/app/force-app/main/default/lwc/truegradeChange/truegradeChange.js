import { LightningElement, api } from 'lwc';

/** What moved the score, each with its points. */
export default class TruegradeChange extends LightningElement {
  /** { heading, text, causes: [{ key, text, points }] }; `text` is a note that could not be taken apart. */
  @api change;

  get hasCauses() {
    return this.change.causes.length > 0;
  }
}
