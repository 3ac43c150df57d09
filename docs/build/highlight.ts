import { createHighlighterCore } from 'shiki/core'
import { createOnigurumaEngine } from 'shiki/engine/oniguruma'
import { createCssVariablesTheme } from 'shiki'
import bash from 'shiki/langs/bash.mjs'
import html from 'shiki/langs/html.mjs'
import json from 'shiki/langs/json.mjs'
import tsx from 'shiki/langs/tsx.mjs'
import typescript from 'shiki/langs/typescript.mjs'

/** Colours code: the language as behind a fence, and HTML of spans whose colours the style sheet decides. */
export type Highlight = (code: string, language: string) => string

/** The languages that pages may use, by what stands behind the fence. */
const languages: Readonly<Record<string, string>> = {
  ts: 'typescript',
  tsx: 'tsx',
  sh: 'bash',
  json: 'json',
  html: 'html',
}

/** Loads grammars and theme, once for the whole site. */
export async function createHighlight(): Promise<Highlight> {
  const theme = createCssVariablesTheme({ name: 'site', variablePrefix: '--code-' })
  const highlighter = await createHighlighterCore({
    themes: [theme],
    langs: [bash, html, json, tsx, typescript],
    engine: createOnigurumaEngine(import('shiki/wasm')),
  })
  return (code, language) => {
    const lang = languages[language]
    if (lang === undefined) return escapeHtml(code)
    const whole = highlighter.codeToHtml(code.trimEnd(), { lang, theme: 'site' })
    return whole.replace(/^<pre[^>]*><code>/, '').replace(/<\/code><\/pre>$/, '')
  }
}

/** Text as HTML shows it. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
