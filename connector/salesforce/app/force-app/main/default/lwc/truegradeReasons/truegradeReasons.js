import { LightningElement, api } from 'lwc';
import { said } from 'c/truegradeShown';

const FIRST = 4; // so many reasons tell a rep why; the others wait behind a button

/** The reasons of one side, as a list: what, by how much, and a bar that is as long as the effect is strong. */
export default class TruegradeReasons extends LightningElement {
    /** { key: 'for' or 'against', heading, sign, reasons: [{ key, text, effect, strength }] }. */
    @api side;
    @api showAll;
    @api showFewer;

    isOpen = false;

    get box() {
        return `box ${this.side.key}`;
    }

    get reasons() {
        const some = this.isOpen ? this.side.reasons : this.side.reasons.slice(0, FIRST);
        return some.map((reason) => ({ ...reason, width: `width: ${Math.round(100 * reason.strength)}%` }));
    }

    get hasMore() {
        return this.side.reasons.length > FIRST;
    }

    get spokenOpen() {
        return String(this.isOpen);
    }

    get button() {
        return this.isOpen ? this.showFewer : said(this.showAll, this.side.reasons.length);
    }

    turn() {
        this.isOpen = !this.isOpen;
    }
}
