// What people subscribe to is WeChat's template, whichever of ours fills it; counts stood under the first of ours by name. Each line moves to the
// template that ours fills now, in the words most people get (Chinese before English, personal before generic), and what stood under several of ours
// is one count. What fills none keeps its own name. The lines still add up to what remains.
const QUOTAS_BY_FILLED_COLUMNS = `
ALTER TABLE quota_entries RENAME COLUMN template_id TO provider_template_id;
ALTER TABLE channel_quotas RENAME COLUMN template_id TO provider_template_id;
`;

export const QUOTAS_BY_FILLED_ROWS = `
CREATE TABLE filled_templates AS
SELECT template_id, COALESCE(definition #>> '{versions,zh,personal,wechatTemplateId}', definition #>> '{versions,zh,generic,wechatTemplateId}',
  definition #>> '{versions,en,personal,wechatTemplateId}', definition #>> '{versions,en,generic,wechatTemplateId}') AS filled
FROM templates WHERE active AND definition ->> 'kind' = 'wechat';
DELETE FROM filled_templates WHERE filled IS NULL OR filled = '';
UPDATE quota_entries e SET provider_template_id = f.filled FROM filled_templates f WHERE e.provider_template_id = f.template_id;
CREATE TABLE moved_quotas AS
SELECT q.person_id, q.channel, f.filled AS provider_template_id, sum(q.remaining)::int AS remaining, max(q.updated_at) AS updated_at
FROM channel_quotas q JOIN filled_templates f ON f.template_id = q.provider_template_id GROUP BY 1, 2, 3;
DELETE FROM channel_quotas q USING filled_templates f WHERE q.provider_template_id = f.template_id;
INSERT INTO channel_quotas (person_id, channel, provider_template_id, remaining, updated_at)
SELECT person_id, channel, provider_template_id, remaining, updated_at FROM moved_quotas
ON CONFLICT (person_id, channel, provider_template_id) DO UPDATE SET remaining = channel_quotas.remaining + EXCLUDED.remaining;
DROP TABLE moved_quotas;
DROP TABLE filled_templates;
`;

export const QUOTAS_BY_FILLED = QUOTAS_BY_FILLED_COLUMNS + QUOTAS_BY_FILLED_ROWS;
