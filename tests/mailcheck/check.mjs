// Asks npm's checkers about each mail of a folder (name.mjml, name.html) and prints one JSON object with what they say.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { doIUseEmail } from "doiuse-email";
import { HtmlValidate, StaticConfigLoader } from "html-validate";
import mjml2html from "mjml";

const SKELETON = "<mjml><mj-body><mj-section><mj-column><mj-text>x</mj-text></mj-column></mj-section></mj-body></mjml>";
// What mail is written with is deprecated on the web: tables for layout, and their attributes.
const rules = { extends: ["html-validate:standard"], rules: { "no-deprecated-attr": "off" } };
const validator = new HtmlValidate(new StaticConfigLoader({ root: true, ...rules }));
const compiled = (source) => mjml2html(source, { fonts: {}, keepComments: false, validationLevel: "soft" });

// What some client does not show, or shows in part, by the name that caniemail gives it.
const features = (html) => {
  const told = doIUseEmail(html, { emailClients: ["*"] });
  const lines = [...(told.errors ?? []), ...told.warnings, ...told.notes];
  return [...new Set(lines.map((line) => /`(.+?)`/.exec(line)?.[1]).filter(Boolean))].sort();
};

const folder = process.argv[2];
const plain = new Set(features((await compiled(SKELETON)).html));
const answer = {};
for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjml")).sort()) {
  const name = file.slice(0, -5);
  const { html, errors } = await compiled(readFileSync(join(folder, file), "utf8"));
  const own = readFileSync(join(folder, `${name}.html`), "utf8");
  const report = await validator.validateString(own);
  const faults = report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`));
  answer[name] = {
    html,
    invalid: errors.map(({ formattedMessage }) => formattedMessage.replace(/ of \S+/, "")),
    faults,
    features: features(own).filter((feature) => !plain.has(feature)),
  };
}
process.stdout.write(JSON.stringify(answer));
