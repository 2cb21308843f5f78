// The two languages the product speaks, and how one is chosen.
export type Lang = 'en' | 'zh';

/** A text in both languages; every label in a closed table is one. */
export type Text = { readonly en: string; readonly zh: string };

/** `zh_CN.UTF-8`, `zh-Hans`, `zh` → zh; everything else → en. */
export const langOf = (tag: string | undefined): Lang => (tag?.toLowerCase().startsWith('zh') ? 'zh' : 'en');
