const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const NUMBER = new Intl.NumberFormat();

/** Returns a time in the viewer's zone, as the viewer's locale writes it. */
export const formatTime = (iso: string): string => DATE.format(new Date(iso));

/** Returns a number as the viewer's locale writes it. */
export const formatNumber = (value: number): string => NUMBER.format(value);
