import { LightningElement, api } from 'lwc';
import { NavigationMixin } from 'lightning/navigation';

/** A company's open leads by grade, the way to the best one, and which roles of a buying group are among them. */
export default class TruegradeCompany extends NavigationMixin(LightningElement) {
  /** As rollupOf of truegradeRollup makes it. */
  @api rollup;

  get width() {
    return `width: ${Math.round(100 * this.rollup.group.share)}%`;
  }

  get hasGrades() {
    return this.rollup.leads.grades.length > 0;
  }

  open() {
    this[NavigationMixin.Navigate]({
      type: 'standard__recordPage',
      attributes: { recordId: this.rollup.leads.best, actionName: 'view' },
    });
  }
}
