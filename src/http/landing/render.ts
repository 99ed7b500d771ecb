/** The values that fill templates, by the names in their braces. */
export type Values = Readonly<Record<string, string>>;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

/** A template literal whose values are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: parts }, ...values.map(escapeHtml));
}

/**
 * Fills `{{name}}` with the escaped value and `{{{name}}}` with the value as it is.
 *
 * @throws if the template names a value that is not there.
 */
export function render(template: string, values: Values): string {
  return template.replaceAll(/\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}/g, (_, raw: string | undefined, escaped = '') => {
    const value = values[raw ?? String(escaped)];
    if (value === undefined) {
      throw new Error(`The template has no value for ${raw ?? String(escaped)}`);
    }
    return raw === undefined ? escapeHtml(value) : value;
  });
}
