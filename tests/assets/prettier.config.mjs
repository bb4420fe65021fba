/** How the sources of both apps and of their tests are laid out. */
export default {
  printWidth: 120,
  singleQuote: true,
  overrides: [{ files: '**/lwc/**/*.html', options: { parser: 'lwc' } }],
};
