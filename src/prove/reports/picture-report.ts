// The dormancy picture as one HTML file: opens offline, asks the network for nothing, speaks both languages, prints.
// Everything that comes from data passes through the markup tag, which escapes it; a policy in the page forbids any script but ours.
import { dayText } from '../../kernel/days.ts';
import { createHash } from 'node:crypto';
import type { Lang, Text } from '../../kernel/lang.ts';
import { hasMoney, type Analysis } from './analysis.ts';
import { inBoth } from './formats.ts';
import { asIs, markup, say, when, type Html } from './markup.ts';
import { definition, notesOf, WORDS } from './picture-words.ts';
import { cohorts, dormantGroups, funnel, productsToShow, reasons } from './report-beyond.ts';
import type { Page } from './report-page.ts';
import { filesRead, groups, months, sureness, wake } from './report-people.ts';
import { figures, money, stages, threshold } from './report-sections.ts';
import { SCRIPT, STYLE } from './report-style.ts';

const hashOf = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

/** The whole file. `lang` is the language it opens in; `now` is printed at its foot, in UTC. */
export function pictureReport(analysis: Analysis, { lang, now }: { readonly lang: Lang; readonly now: Date }): string {
  const { picture } = analysis;
  const page: Page = {
    analysis,
    n: (write) => inBoth(analysis.currency.code, write),
    hasMoney: hasMoney(analysis),
    hasModel: picture.model.returns.kind !== 'none',
  };
  const title: Text = {
    en: `Dormancy picture, ${dayText(picture.asOf, 'en')}`,
    zh: `休眠画像，${dayText(picture.asOf, 'zh')}`,
  };
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`;
  const button = (choice: Lang, label: string): Html =>
    markup`<button type="button" data-choose="${choice}" aria-pressed="${String(choice === lang)}">${label}</button>`;
  const notes = notesOf(analysis).map((note) => markup`<p class="note">${say(note)}</p>`);
  const made = {
    en: `Made by Rekindle on ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC. It lists individual customers: share it with care.`,
    zh: `由 Rekindle（重燃）生成于 ${now.toISOString().slice(0, 16).replace('T', ' ')} UTC。内含个人用户信息，请谨慎分享。`,
  };
  const sections = [
    stages(page),
    threshold(page),
    when(page.hasMoney && page.hasModel, () => money(page)),
    months(page),
    cohorts(page),
    groups(page),
    dormantGroups(page),
    funnel(page),
    reasons(page),
    wake(page),
    productsToShow(page),
    sureness(page),
    filesRead(page),
  ];
  const head = markup`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title[lang]}</title>
<style>${asIs(STYLE)}</style>`;
  const header = markup`<div class="switch" role="group" aria-label="Language · 语言">${[button('en', 'English'), button('zh', '中文')]}</div>
<p class="brand">Rekindle · 重燃</p>
<h1>${say(WORDS.title)}</h1>
<p class="lead">${say({ en: `As of the end of ${dayText(picture.asOf, 'en')}. ${definition(analysis).en}`, zh: `截至 ${dayText(picture.asOf, 'zh')}日终。${definition(analysis).zh}` })}</p>`;
  return markup`<!doctype html>
<html lang="${lang === 'zh' ? 'zh-CN' : 'en'}" data-lang="${lang}" data-title-en="${title.en}" data-title-zh="${title.zh}">
<head>
${head}
</head>
<body>
<header>
${header}
</header>
<main>
${[figures(page), ...notes]}
${sections}
</main>
<footer>${say(made)}</footer>
<script>${asIs(SCRIPT)}</script>
</body>
</html>
`.text;
}
