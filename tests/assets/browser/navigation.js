/** Stands in for lightning/navigation in a browser: there is nowhere to go to. */
export const NavigationMixin = (Base) =>
  class extends Base {
    [NavigationMixin.Navigate]() {}
  };
NavigationMixin.Navigate = Symbol('Navigate');
