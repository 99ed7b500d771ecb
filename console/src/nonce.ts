interface Policies {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

const { trustedTypes } = globalThis as { trustedTypes?: Policies };

// The component library writes its variables into style elements as markup. Text without "<" is not markup: that alone
// passes, so that a string that came from the API can never become an element.
trustedTypes?.createPolicy('default', {
  createHTML: (text) => {
    if (text.includes('<')) {
      throw new TypeError('Markup must not be made from text');
    }
    return text;
  },
});

/** The nonce of this response, which styles that are made in the browser have to carry. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

// Dialogs keep the page behind them from scrolling by a style, for which their library looks up the nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });
