"use strict";

const CARDS = 12; // answers shown one by one; more become a table
const ROWS = 200; // of that table; the rest is in the CSV file
const USUAL = [".csv", ".tsv", ".xlsx", ".txt", ".jpg", ".png", ".gif", ".webp", ".wav", ".mp3", ".flac"];
const BARS = 5; // probabilities shown at once

const at = (id) => document.getElementById(id);
const store = window.sessionStorage;
let about = null; // what /health says
let asking = false;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// --- Talking to the server -------------------------------------------------------------------

async function call(path, options = {}) {
  const token = store.getItem("token");
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { ...options, headers });
  const body = await response.json();
  return { status: response.status, body };
}

async function open() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    store.setItem("token", given);
    history.replaceState(null, "", location.pathname);
  }
  const tried = store.getItem("token") !== null;
  const { status, body } = await call("health");
  at("enter").hidden = status !== 401;
  if (status === 401) {
    store.removeItem("token");
    say("", tried ? "This is not the token." : "");
    at("token").focus();
  } else if (status !== 200) {
    say("", body.error);
  } else {
    say();
    about = body;
    introduce();
  }
}

async function ask(options, files = []) {
  if (asking) return;
  asking = true;
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  say("Asking the model …");
  try {
    const { status, body } = await call("predict", { method: "POST", ...options });
    if (status === 401) return await open();
    const errors = (body.errors || []).map(({ name, message }) =>
      message.includes(name) ? message : `${name}: ${message}`
    );
    say("", errors.length ? errors.join("\n") : body.error);
    if (body.answers) show(body.answers, files);
  } catch {
    say("", "The server does not answer. Is it still running?");
  } finally {
    asking = false;
    for (const button of document.querySelectorAll("button")) button.disabled = false;
  }
}

function say(state = "", error = "") {
  at("state").textContent = state;
  at("error").textContent = error || "";
}

// --- What can be asked -----------------------------------------------------------------------

function introduce() {
  const { task, target, classes, uploads, item } = about;
  const some = classes.slice(0, 6).join(", ") + (classes.length > 6 ? ", …" : "");
  at("title").textContent = task === "classify" ? `Which ${target}?` : `Predict ${target}`;
  at("subtitle").textContent = {
    classify: `${classes.length} to choose from: ${some}.`,
    regress: "A value for each row.",
    forecast: "The values that follow.",
  }[task];
  document.title = at("title").textContent;
  at("ask").hidden = false;
  at("api").hidden = store.getItem("token") !== null; // a link can not bring it along
  at("dropped").hidden = uploads.length === 0;
  at("files").accept = uploads.join(",");
  at("suffixes").textContent = listed(uploads);
  const text = item?.type === "string";
  const typed = text || item?.type === "object";
  at("typed").hidden = !typed;
  if (typed) at("fields").replaceChildren(...fields(item));
  at("ask").classList.toggle("text", text);
  at("hint").hidden = text;
}

function listed(uploads) {
  const known = USUAL.filter((suffix) => uploads.includes(suffix));
  const named = known.length ? known : uploads.slice(0, 3);
  const names = named.map((suffix) => suffix.slice(1).toUpperCase()).join(", ");
  return names + (uploads.length > named.length ? " and others" : "");
}

function fields(item) {
  if (item.type === "string") {
    const text = make("textarea", { name: "text", required: true, rows: 5 });
    return [make("label", { className: "whole" }, "Text", text)];
  }
  return Object.entries(item.properties || {}).map(([name, form]) =>
    make("label", {}, form.title || name, field(name, form))
  );
}

// Yes and no, a few choices, a number or a text; empty is missing.
function field(name, form) {
  const types = [form.type].flat();
  const kind = types.find((type) => type !== "null") || "string";
  const choices = form.enum || (kind === "boolean" ? [true, false] : null);
  if (choices) {
    const options = choices
      .filter((choice) => choice !== null)
      .map((choice) => make("option", { value: JSON.stringify(choice) }, String(choice)));
    const select = make("select", { name }, make("option", { value: "null" }, "–"), ...options);
    select.read = () => JSON.parse(select.value);
    return select;
  }
  const input = make("input", { name, type: form.format === "date" ? "date" : "text" });
  const number = kind === "number" || kind === "integer";
  if (number) input.inputMode = "decimal";
  if (form.examples) input.placeholder = String(form.examples[0]);
  input.read = () => {
    const text = input.value.trim();
    if (text === "") return null;
    return number && Number.isFinite(Number(text)) ? Number(text) : text;
  };
  return input;
}

function typed() {
  const form = at("typed");
  if (about.item.type === "string") return form.elements.text.value;
  const inputs = [...form.elements].filter((element) => element.read);
  return Object.fromEntries(inputs.map((input) => [input.name, input.read()]));
}

function send(files) {
  const { limits } = about;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > limits.files) return say("", `At most ${limits.files} files at a time.`);
  if (size > limits.body) return say("", `At most ${Math.floor(limits.body / 2 ** 20)} MB at a time.`);
  const form = new FormData();
  for (const file of files) form.append("files", file);
  if (files.length) ask({ body: form }, files);
}

// --- What is answered ------------------------------------------------------------------------

const plain = (value) =>
  value.toLocaleString("en", { maximumSignificantDigits: 5 }).replace("-", "\u2212");
const percent = (share) =>
  share > 0 && share < 0.0005 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`;

function show(answers, files) {
  const heads = { 0: "No answers", 1: "Answer" };
  const head = make("h2", {}, heads[answers.length] || `${answers.length.toLocaleString("en")} answers`);
  const save = make("button", { className: "plain", type: "button" }, "Save as CSV");
  save.onclick = () => download(answers);
  const line = make("div", { className: "head" }, head, ...(answers.length > 1 ? [save] : []));
  const body = answers.length > CARDS ? table(answers) : cards(answers, files);
  at("results").replaceChildren(line, body);
  at("results").hidden = false;
  at("results").scrollIntoView();
}

function cards(answers, files) {
  const pictures = new Map(files.filter((file) => file.type.startsWith("image/")).map((file) => [file.name, file]));
  return make("div", { className: "answers" }, ...answers.map((one) => card(one, pictures.get(one.name), files.length > 0)));
}

function card(answer, picture, named) {
  const parts = [make("p", { className: "said" }, said(answer))];
  if (named) parts.unshift(make("h2", {}, answer.name)); // what was typed needs no name
  if (picture) parts.unshift(shown(picture));
  if (Array.isArray(answer.prediction)) parts.push(line(answer.prediction), steps(answer));
  if (answer.probabilities) parts.push(...shares(answer.probabilities));
  return make("article", { className: "answer" }, ...parts);
}

function said({ prediction }) {
  if (Array.isArray(prediction)) return `next ${plain(prediction[0])}`;
  return typeof prediction === "number" ? plain(prediction) : prediction;
}

function shown(picture) {
  const image = make("img", { alt: "", src: URL.createObjectURL(picture) });
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => image.remove();
  return image;
}

function shares(probabilities) {
  const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const rest = sorted.slice(BARS);
  const more = make("details", {}, make("summary", {}, `${rest.length} more`), bars(rest));
  return rest.length ? [bars(sorted.slice(0, BARS), true), more] : [bars(sorted, true)];
}

function bars(entries, top = false) {
  const list = make("dl", { className: "shares" });
  entries.forEach(([name, share], place) => {
    const fill = make("i");
    fill.style.width = `${100 * share}%`;
    const bar = make("span", { className: "bar" }, fill);
    bar.setAttribute("aria-hidden", "true");
    const term = make("dt", { className: top && place === 0 ? "first" : "" }, name);
    list.append(term, make("dd", {}, bar, make("span", {}, percent(share))));
  });
  return list;
}

function line(values) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (step) => (100 * step) / Math.max(1, values.length - 1);
  const y = (value) => 38 - (36 * (value - low)) / (high - low || 1);
  const path = document.createElementNS(space, "polyline");
  path.setAttribute("points", values.map((value, step) => `${x(step)},${y(value)}`).join(" "));
  path.setAttribute("vector-effect", "non-scaling-stroke");
  svg.setAttribute("viewBox", "0 0 100 40");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${values.length} values from ${plain(low)} to ${plain(high)}`);
  svg.append(path);
  return svg;
}

function steps({ prediction, times = [] }) {
  const rows = prediction.map((value, step) => [times[step] || `step ${step + 1}`, plain(value)]);
  return make("details", { open: rows.length <= CARDS }, make("summary", {}, "All values"), grid(["", about.target], rows));
}

function table(answers) {
  const rows = answers.slice(0, ROWS).map((one) => [one.name, said(one), sureness(one)]);
  const heads = ["", about.target, about.task === "classify" ? "probability" : ""];
  const note = answers.length > ROWS ? [make("p", { className: "hint" }, `The first ${ROWS}; all are in the CSV file.`)] : [];
  return make("div", {}, ...note, grid(heads, rows));
}

const sureness = ({ prediction, probabilities }) =>
  probabilities ? percent(probabilities[prediction]) : "";

function grid(heads, rows) {
  const row = (tag, cells) => make("tr", {}, ...cells.map((cell) => make(tag, {}, cell)));
  const body = make("tbody", {}, ...rows.map((cells) => row("td", cells)));
  const made = make("table", {}, make("thead", {}, row("th", heads)), body);
  return make("div", { className: "table scroll", tabIndex: 0, role: "region", ariaLabel: "Values" }, made);
}

function download(answers) {
  const lines = (about.task === "forecast" ? ofSteps : ofExamples)(answers);
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const text = lines.map((line) => line.map(quoted).join(",") + "\n");
  const url = URL.createObjectURL(new Blob(text, { type: "text/csv" }));
  make("a", { href: url, download: "predictions.csv" }).click();
  URL.revokeObjectURL(url);
}

function ofExamples(answers) {
  const { target, classes } = about;
  const heads = ["name", target, ...classes.map((name) => `probability of ${name}`)];
  const row = (one) => [one.name, one.prediction, ...classes.map((name) => one.probabilities[name])];
  return [heads, ...answers.map(row)];
}

function ofSteps(answers) {
  const rows = ({ name, prediction, times = [] }) =>
    prediction.map((value, step) => [name, step + 1, times[step], value]);
  return [["name", "step", "time", about.target], ...answers.flatMap(rows)];
}

// --- What the person does --------------------------------------------------------------------

at("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  store.setItem("token", at("token").value.trim());
  open();
});

at("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = JSON.stringify({ items: [typed()] });
  ask({ body, headers: { "Content-Type": "application/json" } });
});

at("files").addEventListener("change", () => {
  send([...at("files").files]);
  at("files").value = "";
});

for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && about) send([...event.dataTransfer.files]);
  });
}

open().catch(() => say("", "The server does not answer. Is it still running?"));
