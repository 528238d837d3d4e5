// Opens files in a browser as different people see them, everything in them unfolded, and prints what is wrong as JSON, by
// file and by who looks at it: node look_at_page.mjs BROWSER FILE...
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [browser, ...files] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wide = { width: 1200, height: 900 };
const views = {
  light: { viewport: wide, colorScheme: "light" },
  dark: { viewport: wide, colorScheme: "dark" },
  telephone: { viewport: { width: 360, height: 740 }, colorScheme: "light" },
  "narrowest, dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
};
// As root, and in containers, Chromium starts only without its sandbox.
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const started = await chromium.launch({ executablePath: browser, args: flags });

async function seen(file, view) {
  const context = await started.newContext(view);
  const page = await context.newPage();
  const asked = [];
  const said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  const found = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    // What scrolls by itself may be wider than the page.
    const outside = [...document.body.querySelectorAll("*")].filter(
      (one) => !one.closest(".scroll, svg") && one.getBoundingClientRect().right > width + 1,
    );
    const cut = [...document.querySelectorAll("svg text")].filter((one) => {
      const place = one.getBoundingClientRect();
      return place.width > 0 && (place.left < -1 || place.right > width + 1);
    });
    const name = (one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""}: ${one.textContent.slice(0, 60)}`;
    return {
      scrolls: document.documentElement.scrollWidth > width,
      outside: outside.map(name),
      cut: cut.map(name),
      headings: [...document.querySelectorAll("h1, h2")].map((one) => one.textContent),
    };
  });
  // axe is told to the page by the protocol, which the page's own policy does not forbid.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  await context.close();
  return {
    ...found,
    asked: asked.slice(1),
    said,
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`),
  };
}

const looks = {};
try {
  for (const file of files) {
    looks[file] = {};
    for (const [name, view] of Object.entries(views)) looks[file][name] = await seen(file, view);
  }
} finally {
  await started.close();
}
console.log(JSON.stringify(looks));
