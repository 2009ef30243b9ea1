/**
 * Phrases by which assistants decline. The verbs after "cannot" matter: "I cannot find your order" is an answer. Compiled anew
 * from what the refusal lists of Zou et al. 2023 (arXiv 2307.15043, appendix B) and of the filters of ShareGPT data have in common.
 */
const declined =
  '(?:help|assist|comply|fulfi?ll|support|engage|participate|provide|offer|give|answer|respond|discuss|create|generate|write|produce|share|do that|do this|carry out|recommend|take part)';
const cannot =
  "(?:can(?:no|['’])t|can not|am (?:not able|unable) to|['’]m (?:not able|unable) to|won['’]t|will not|am not (?:comfortable|allowed|programmed)|must decline)";

/** At the start of an answer. */
export const refusals: readonly RegExp[] = [
  new RegExp(
    `^(?:(?:i['’]?m|i am)(?: very| so| really)? sorry|sorry|i apologi[sz]e|unfortunately|my apologies|i regret)\\b[^.!?\\n]{0,60}\\bi ?${cannot}\\s+(?:\\w+\\s){0,3}?${declined}\\b`,
    'i',
  ),
  new RegExp(
    `^(?:unfortunately, |as an? [\\w ]{2,30}, )?i ?${cannot}\\s+(?:\\w+\\s){0,3}?${declined}\\b[^.!?\\n]{0,120}\\b(?:with (?:that|this)|(?:this|that|such a) kind|take part|(?:this|that|your|such|the) (?:request|question|topic|content|information)|illegal|harmful|unethical|inappropriate|dangerous)`,
    'i',
  ),
  /^i (?:can(?:no|['’])t|won['’]t) (?:help|assist|do that|do this|answer that|comply)\b[^,]{0,60}[.!]/i,
  /^(?:i(?:['’]m| am) sorry, but )?(?:it is|it['’]s|it would be) (?:not (?:appropriate|ethical)|against my|inappropriate|unethical)\b/i,
  /^as an? (?:ai|artificial intelligence|(?:large )?language model|responsible|ethical)\b[^.!?\n]{0,40}\bi (?:can(?:no|['’])t|can not|am (?:not able|unable)|am not)\b/i,
  /^(?:that|this) is not something (?:that )?i (?:can|am able to|will)\b/i,
  /^i must (?:respectfully )?(?:decline|refuse)\b/i,
  /^(?:es )?tut mir leid,? (?:aber )?(?:ich kann|das kann ich|dabei kann ich) [^.!?\n]{0,60}(?:nicht|keine)\b[^.!?\n]{0,20}(?:helfen|beantworten|geben|erstellen|unterstützen)/i,
  /^(?:je suis )?désolée?,? (?:mais )?je ne (?:peux|puis) pas (?:vous )?(?:aider|répondre|fournir|créer)/i,
  /^lo siento,? (?:pero )?no puedo (?:ayudar|asistir|responder|proporcionar|crear|cumplir)/i,
];

/** Anywhere in an answer: what a model says of itself, and what it says around an answer. */
export const boilerplate: readonly RegExp[] = [
  /\bas an? (?:ai|artificial intelligence|large language|language)(?:[- ](?:powered|based))?(?: language)? ?(?:model|assistant|chatbot|system)?\b,? (?=i\b|it\b|my\b|trained|developed|created)/i,
  /\bi(?:['’]m| am) (?:just |only |simply )?an? (?:ai|artificial intelligence|large language model|language model)\b/i,
  /\b(?:my|of my) (?:knowledge|training)(?: data)? ?(?:cut[- ]?off|only goes up to|was last updated)/i,
  /\bas of my (?:last|latest|most recent) (?:knowledge |training )?(?:update|cut[- ]?off|training)/i,
  /\bi (?:do not|don['’]t) have (?:personal (?:opinions|feelings|experiences|beliefs)|access to real[- ]time|the ability to browse|feelings or)/i,
  /\b(?:trained|developed|created|made) by (?:openai|anthropic|google deepmind|meta ai|mistral ai)\b/i,
  /\b(?:als (?:ki|künstliche intelligenz|sprachmodell)[- ]?\w* (?:kann|habe|bin) ich|en tant qu['’](?:ia|intelligence artificielle|modèle de langage)|como (?:modelo de lenguaje|inteligencia artificial|ia),)/i,
  /\[(?:insert|your|add|enter) [^\]\n]{2,40}\]|\{\{ ?[a-z_. ]{2,40} ?\}\}|\blorem ipsum\b/i,
];

/** Answers that stand for no answer. */
export const emptyWords =
  /^(?:n\/?a|none|null|nil|undefined|nan|to ?do|tbd|tba|xxx+|test(?:ing)?|asdf\w*|foo|bar|placeholder|answer|response|output|\?+|\.+|…|-+|_+|#[a-z]+[!?])[.!]?$/i;
