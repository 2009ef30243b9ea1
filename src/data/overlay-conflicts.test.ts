import { describe, expect, it } from 'vitest';
import type { Persona } from '#core/task-brief.ts';
import { overlayConflicts } from './overlay-conflicts.ts';
import { readOverlayFile } from './overlay-file.ts';

const persona: Persona = {
  ...{ name: 'Ada', role: 'coach', traits: [], responsePattern: [], examples: [] },
  vocabulary: { use: ['focus'], avoid: ['asap', 'hustle'] },
  rules: ['at most 40 words', 'no questions', 'when the user says one of: done => open with one of: Nice work'],
};
const overlay = (name: string, body: string, about = '') =>
  readOverlayFile(`---\nschema: rung.overlay/1\n${about}---\n${body}`, name, `/task/overlays/${name}.md`);
const found = (sections: { heading: string; text: string }[], ...overlays: ReturnType<typeof overlay>[]) =>
  overlayConflicts({ sections, file: '/task/task.yaml', persona }, overlays).map(({ code, message }) => `${code}: ${message}`);

describe('conflicts of overlays', () => {
  it.each([
    ['- at least 60 words\n', 'rules-contradict', 'at least 60 words do not fit into at most 40 words'],
    ['Write at least 60 words.\n', 'rules-contradict', 'at least 60 words do not fit into at most 40 words'],
    ['Keep it under 30 words.\n', 'length-twice', 'both say how long an answer is'],
    ['Ask what they will do next?\n', 'rules-contradict', 'one allows no questions'],
    ['Get it done asap.\n', 'avoided-wording', 'it says "asap"'],
    ['- open with one of: Ho ho\n', 'rules-contradict', 'the opening cannot be both'],
    ['- use one of: hustle\n', 'rules-contradict', '"hustle" is asked for by one'],
  ])('with a persona: %j', (text, code, why) => {
    const conflicts = found([], overlay('winter', `# Rules\n${text}`));
    expect(conflicts.join('\n')).toContain(`${code}: overlays/winter.md (Rules) does not go with `);
    expect(conflicts.join('\n')).toContain(why);
  });

  it.each([
    ['Answer in German.', 'Reply in French.', 'language-twice'],
    ['Answer with JSON: {"a": string}', 'Answer as a list.', 'form-twice'],
    ['Always offer a voucher for delays.', 'Never offer a voucher.', 'opposite'],
    ['Mention the spring sale.', 'Do not mention the spring sale.', 'opposite'],
  ])('with the words of the base: %j and %j', (base, laid, code) => {
    expect(found([{ heading: 'Task', text: base }], overlay('winter', `# Task\n${laid}\n`))).toEqual([
      expect.stringContaining(`${code}: overlays/winter.md (Task) does not go with task/task.yaml (Task)`),
    ]);
  });

  it('are found between overlays, and a section that is replaced twice is one', () => {
    const one = overlay('one', '# Tone\nBe formal at work.\n', 'replace: [Tone]\nchecks: ["at least 5 words"]\n');
    const two = overlay('two', '# tone\nNever be formal at work.\n', 'replace: [tone]\nchecks: ["at most 3 words"]\n');
    expect(found([], one, two).map((text) => text.split(':')[0])).toEqual([
      'length-twice',
      'replaced-twice',
      'length-twice',
      'rules-contradict',
    ]);
  });

  it('are not seen where there are none, nor in what an overlay replaces', () => {
    const polite = overlay('polite', '# Rules\n- Never say asap.\n- Thank the user by name.\n', 'checks: ["use one of: thank | thanks"]\n');
    const german = overlay('german', '# Language\nAnswer in German.\n', 'replace: [Language]\n');
    expect(found([{ heading: 'Language', text: 'Answer in French.' }], polite, german)).toEqual([]);
  });
});

describe('an overlay file', () => {
  it.each([
    ['checks: ["be nice"]\n', '# A\nx\n', 'persona-rule-unknown', 3],
    ['replace: [Ruels]\n', '# Rules\nx\n', 'replace-without-section', 3],
    ['', '# Task\n{{query}}\n', 'slot-not-here', 5],
    ['', '# Task\n\n{{labls}}\n', 'unknown-slot', 6],
    ['chekcs: []\n', '', 'unknown-key', 3],
  ])('names the line of what does not fit: %j', (about, body, code, line) => {
    expect(() => overlay('x', body, about)).toThrow(
      expect.objectContaining({ code, exitCode: 2, place: { file: '/task/overlays/x.md', line } }),
    );
  });
});
