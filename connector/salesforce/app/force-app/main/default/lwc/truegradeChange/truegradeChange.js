import { LightningElement, api } from 'lwc';

/** How far the score moved since when, and what moved it. */
export default class TruegradeChange extends LightningElement {
    @api heading;
    /** { direction: 'up', 'down' or null, arrow, text, since, causes: [{ key, text, points }] }. */
    @api change;

    get move() {
        return `move ${this.change.direction}`;
    }

    get hasCauses() {
        return this.change.causes.length > 0;
    }
}
