/** The custom labels of the Lightning component, read from its metadata: by name, in a language. */

const fs = require('node:fs');
const path = require('node:path');

const APP = path.join(__dirname, '..', 'salesforce');
const LABELS = path.join(APP, 'force-app/main/default/labels/CustomLabels.labels-meta.xml');
const TRANSLATIONS = path.join(APP, 'translations/main/default/translations');

function plain(text) {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}

function pairs(file, pattern) {
  return [...fs.readFileSync(file, 'utf8').matchAll(pattern)];
}

/** Gives { Truegrade_Title: 'Truegrade score', ... }; English for 'en', else the translation of that name. */
function labelsOf(language) {
  if (language === 'en') {
    const found = pairs(LABELS, /<fullName>(.*?)<\/fullName>[\s\S]*?<value>(.*?)<\/value>/g);
    return Object.fromEntries(found.map(([, name, text]) => [name, plain(text)]));
  }
  const file = path.join(TRANSLATIONS, `${language}.translation-meta.xml`);
  const found = pairs(file, /<label>(.*?)<\/label>\s*<name>(.*?)<\/name>/g);
  return Object.fromEntries(found.map(([, text, name]) => [name, plain(text)]));
}

module.exports = { labelsOf };
