// Shows the mail in a frame for each width and scheme, runs axe in each, and writes what it found into the page.
"use strict";
(async () => {
  const told = document.getElementById("told");
  const { settings, options } = JSON.parse(document.getElementById("asked").textContent);
  const source = document.getElementById("axe").textContent;
  const nonce = document.currentScript.nonce;

  const shown = ({ html, width }) => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.width = width;
    frame.height = 1200;
    frame.addEventListener("load", () => done(frame), { once: true });
    frame.srcdoc = html;
    document.body.append(frame);
  });

  const looked = async (setting) => {
    const frame = await shown(setting);
    const inside = frame.contentDocument;
    const script = inside.createElement("script");
    script.nonce = nonce;
    script.textContent = source;
    inside.head.append(script);
    const found = await frame.contentWindow.axe.run(inside, options);
    frame.remove();
    return {
      name: setting.name,
      passes: found.passes.length,
      version: found.testEngine.version,
      violations: found.violations.map((each) => ({
        id: each.id,
        help: each.help,
        impact: each.impact,
        nodes: each.nodes.slice(0, 5).map((node) => node.html.slice(0, 300)),
      })),
    };
  };

  const found = [];
  try {
    for (const setting of settings) found.push(await looked(setting));
    told.textContent = JSON.stringify(found);
  } catch (error) {
    told.textContent = JSON.stringify({ error: String(error).slice(0, 200) });
  }
  document.querySelectorAll("script, iframe").forEach((each) => each.remove());
})();
