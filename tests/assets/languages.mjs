/** A hot lead's texts in each language, as Truegrade writes them when a mapping names that language. */

const NB = '\u00a0';

const TEXTS = {
  de: {
    reasons: [
      '+ Reaktionen auf Kampagnen: 3 (3,4-mal so wahrscheinlich)',
      '+ Berufsbezeichnung: Abteilungsleiterin Unternehmenskommunikation (2,1-mal so wahrscheinlich)',
      `- Kostenlose E-Mail-Adresse: ja (35${NB}% weniger wahrscheinlich)`,
      '- Beschäftigte: 12 (etwas weniger wahrscheinlich)',
    ],
    change: '+12 seit 3. Nov. 2026: Reaktionen auf Kampagnen 0 → 2 (+9), Branche Handel → Banken (+3); Modell',
  },
  fr: {
    reasons: [
      `+ Réponses aux campagnes${NB}: 3 (multiplie la probabilité par 3,4)`,
      `+ Intitulé du poste${NB}: directrice commerciale (multiplie la probabilité par 2,1)`,
      `- Adresse e-mail gratuite${NB}: oui (35${NB}% moins probable)`,
      `- Effectif${NB}: 12 (un peu moins probable)`,
    ],
    change: `+12 depuis le 3 nov. 2026${NB}: Réponses aux campagnes 0 → 2 (+9), Secteur commerce → banque (+3); modèle`,
  },
  es: {
    reasons: [
      '+ Respuestas a campañas: 3 (multiplica por 3,4 la probabilidad)',
      '+ Cargo: directora de ventas (multiplica por 2,1 la probabilidad)',
      `- Correo gratuito: sí (35${NB}% menos probable)`,
      '- Empleados: 12 (algo menos probable)',
    ],
    change: '+12 desde el 3 nov 2026: Respuestas a campañas 0 → 2 (+9), Sector comercio → banca (+3); modelo',
  },
  pt_BR: {
    reasons: [
      '+ Respostas a campanhas: 3 (multiplica a probabilidade por 3,4)',
      '+ Cargo: diretora de vendas (multiplica a probabilidade por 2,1)',
      '- E-mail gratuito: sim (35% menos provável)',
      '- Funcionários: 12 (um pouco menos provável)',
    ],
    change: '+12 desde 3 de nov. de 2026: Respostas a campanhas 0 → 2 (+9), Setor varejo → bancos (+3); modelo',
  },
};

export const LANGUAGES = Object.keys(TEXTS);

/** Puts a language's texts over the values of a hot lead. */
export function inLanguage(values, language) {
  const { reasons, change } = TEXTS[language];
  const [best] = reasons;
  return {
    ...values,
    reasons: reasons.join('\n'),
    top_reason: best.slice(2),
    reason_codes: 'CAMPAIGN_RESPONSES+;TITLE+;FREE_MAIL-;EMPLOYEES-',
    change: `${change} 20261124-ab12`,
  };
}
