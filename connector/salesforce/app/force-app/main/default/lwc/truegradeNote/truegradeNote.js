import { LightningElement, api } from 'lwc';

/** A calm word on what is not there, or on what to keep in mind, and what to do about it. */
export default class TruegradeNote extends LightningElement {
    @api heading;
    @api text;
    /** Whether it stands beside a score instead of in place of one. */
    @api isAside = false;

    get box() {
        return this.isAside ? 'note aside' : 'note';
    }
}
