"use strict";

const MAX_CARDS = 12; // more predictions become a table
const MAX_ROWS = 200; // rows of that table; the CSV file has all
const COMMON_SUFFIXES = [".csv", ".tsv", ".xlsx", ".parquet", ".txt", ".jpg", ".png", ".gif", ".webp", ".wav", ".mp3", ".flac"];
const MAX_BARS = 5; // probabilities shown before "more"

const element = (id) => document.getElementById(id);
const store = window.sessionStorage;
let model = null; // the answer of /health
let busy = false;

function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

// --- Requests -------------------------------------------------------------------

async function call(path, options = {}) {
  const token = store.getItem("token");
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(path, { ...options, headers });
  const body = await response.json();
  return { status: response.status, body };
}

async function open() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token) {
    store.setItem("token", token);
    history.replaceState(null, "", location.pathname);
  }
  const hadToken = store.getItem("token") !== null;
  const { status, body } = await call("health");
  element("enter").hidden = status !== 401;
  if (status === 401) {
    store.removeItem("token");
    showStatus("", hadToken ? "Wrong token." : "");
    element("token").focus();
  } else if (status !== 200) {
    showStatus("", body.error);
  } else {
    showStatus();
    model = body;
    showModel();
  }
}

async function predict(options, files = []) {
  if (busy) return;
  busy = true;
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  showStatus("Predicting …");
  try {
    const { status, body } = await call("predict", { method: "POST", ...options });
    if (status === 401) return await open();
    const errors = (body.errors || []).map(({ name, message }) =>
      message.includes(name) ? message : `${name}: ${message}`
    );
    showStatus("", errors.length ? errors.join("\n") : body.error);
    if (body.answers) show(body, files);
  } catch {
    showStatus("", "The server does not respond. Is it still running?");
  } finally {
    busy = false;
    for (const button of document.querySelectorAll("button")) button.disabled = false;
  }
}

function showStatus(state = "", error = "") {
  element("state").textContent = state;
  element("error").textContent = error || "";
}

// --- Inputs -----------------------------------------------------------------------

function showModel() {
  const { task, target, classes, uploads, item } = model;
  const some = classes.slice(0, 6).join(", ") + (classes.length > 6 ? ", …" : "");
  element("title").textContent = task === "classify" ? `Which ${target}?` : `Predict ${target}`;
  element("subtitle").textContent = {
    classify: `One of ${classes.length} classes: ${some}.`,
    regress: "A value for each row.",
    forecast: "The following values.",
  }[task];
  document.title = element("title").textContent;
  element("ask").hidden = false;
  element("api").hidden = store.getItem("token") !== null; // a link cannot carry the token
  element("dropped").hidden = uploads.length === 0;
  element("files").accept = uploads.join(",");
  element("suffixes").textContent = describeSuffixes(uploads);
  const isText = item?.type === "string";
  const hasForm = isText || item?.type === "object";
  element("typed").hidden = !hasForm;
  if (hasForm) element("fields").replaceChildren(...fields(item));
  element("ask").classList.toggle("text", isText);
  element("hint").hidden = isText;
}

function describeSuffixes(uploads) {
  const common = COMMON_SUFFIXES.filter((suffix) => uploads.includes(suffix));
  const named = common.length ? common : uploads.slice(0, 3);
  const names = named.map((suffix) => suffix.slice(1).toUpperCase()).join(", ");
  return names + (uploads.length > named.length ? " and others" : "");
}

function fields(item) {
  if (item.type === "string") {
    const text = make("textarea", { name: "text", required: true, rows: 5 });
    return [make("label", { className: "whole" }, "Text", text)];
  }
  return Object.entries(item.properties || {}).map(([name, form]) =>
    make("label", { className: form.contentMediaType ? "whole" : "" }, form.title || name, field(name, form))
  );
}

// A select for booleans and choices, an input for numbers and texts; empty means missing.
function field(name, form) {
  const types = [form.type].flat();
  const kind = types.find((type) => type !== "null") || "string";
  const choices = kind === "boolean" ? [true, false] : form.examples?.length > 1 ? form.examples : null;
  if (choices) {
    const options = choices
      .map((choice) => make("option", { value: JSON.stringify(choice) }, String(choice)));
    const select = make("select", { name }, make("option", { value: "null" }, "–"), ...options);
    select.read = () => JSON.parse(select.value);
    return select;
  }
  const input = form.contentMediaType
    ? make("textarea", { name, rows: 3 })
    : make("input", { name, type: form.format === "date" ? "date" : "text" });
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

function formValues() {
  const form = element("typed");
  if (model.item.type === "string") return form.elements.text.value;
  const inputs = [...form.elements].filter((element) => element.read);
  return Object.fromEntries(inputs.map((input) => [input.name, input.read()]));
}

function send(files) {
  const { limits } = model;
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (files.length > limits.files) return showStatus("", `At most ${limits.files} files per request.`);
  if (size > limits.body) return showStatus("", `At most ${Math.floor(limits.body / 2 ** 20)} MB per request.`);
  const form = new FormData();
  for (const file of files) form.append("files", file);
  if (files.length) predict({ body: form }, files);
}

// --- Predictions ------------------------------------------------------------------------

const formatNumber = (value) =>
  value.toLocaleString("en", { maximumSignificantDigits: 5 }).replace("-", "\u2212");
const percent = (share) =>
  share > 0 && share < 0.0005 ? "< 0.1%" : `${(100 * share).toFixed(1)}%`;

function show({ answers, warnings = [] }, files) {
  const heads = { 0: "No predictions", 1: "Prediction" };
  const head = make("h2", {}, heads[answers.length] || `${answers.length.toLocaleString("en")} predictions`);
  const save = make("button", { className: "plain", type: "button" }, "Save as CSV");
  save.onclick = () => download(answers);
  const line = make("div", { className: "head" }, head, ...(answers.length > 1 ? [save] : []));
  const body = answers.length > MAX_CARDS ? table(answers) : cards(answers, files);
  element("results").replaceChildren(line, ...warningList(warnings), body);
  element("results").hidden = false;
  element(element("error").textContent ? "error" : "results").scrollIntoView();
}

function warningList(warnings) {
  const items = warnings.map((warning) => make("li", {}, warning));
  const head = make("p", {}, make("b", {}, "Please check"));
  return items.length ? [make("div", { className: "warnings", role: "note" }, head, make("ul", {}, ...items))] : [];
}

function cards(answers, files) {
  const images = new Map(files.filter((file) => file.type.startsWith("image/")).map((file) => [file.name, file]));
  return make("div", { className: "answers" }, ...answers.map((answer) => card(answer, images.get(answer.name), files.length > 0)));
}

function card(answer, image, named) {
  const parts = [make("p", { className: "prediction" }, predictionText(answer))];
  if (named) parts.unshift(make("h2", {}, answer.name)); // a row from the form needs no name
  if (image) parts.unshift(preview(image));
  if (Array.isArray(answer.prediction)) parts.push(line(answer.prediction), steps(answer));
  if (answer.probabilities) parts.push(...probabilityBars(answer.probabilities));
  return make("article", { className: "answer" }, ...parts);
}

function predictionText({ prediction }) {
  if (Array.isArray(prediction)) return `next value: ${formatNumber(prediction[0])}`;
  return typeof prediction === "number" ? formatNumber(prediction) : prediction;
}

function preview(file) {
  const image = make("img", { alt: "", src: URL.createObjectURL(file) });
  image.onload = () => URL.revokeObjectURL(image.src);
  image.onerror = () => image.remove();
  return image;
}

function probabilityBars(probabilities) {
  const sorted = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  const rest = sorted.slice(MAX_BARS);
  const more = make("details", {}, make("summary", {}, `${rest.length} more`), bars(rest));
  return rest.length ? [bars(sorted.slice(0, MAX_BARS), true), more] : [bars(sorted, true)];
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
  svg.setAttribute("aria-label", `${values.length} values from ${formatNumber(low)} to ${formatNumber(high)}`);
  svg.append(path);
  return svg;
}

function steps({ prediction, times = [], intervals = [] }) {
  const rows = prediction.map((value, step) => [
    times[step] || `step ${step + 1}`,
    formatNumber(value),
    ...intervals.map((bounds) => range(bounds, step)),
  ]);
  const heads = ["", model.target, ...intervals.map(({ level }) => `${levelName(level)} interval`)];
  return make("details", { open: rows.length <= MAX_CARDS }, make("summary", {}, "All values"), grid(heads, rows));
}

const levelName = (level) => `${Math.round(100 * level)}%`;

const range = ({ lower, upper }, step) =>
  lower[step] === null ? "\u2013" : `${formatNumber(lower[step])} to ${formatNumber(upper[step])}`;

function table(answers) {
  const rows = answers.slice(0, MAX_ROWS).map((answer) => [answer.name, predictionText(answer), confidence(answer)]);
  const heads = ["", model.target, model.task === "classify" ? "probability" : ""];
  const note = answers.length > MAX_ROWS ? [make("p", { className: "hint" }, `The first ${MAX_ROWS} rows; the CSV file has all.`)] : [];
  return make("div", {}, ...note, grid(heads, rows));
}

const confidence = ({ prediction, probabilities }) =>
  probabilities ? percent(probabilities[prediction]) : "";

function grid(heads, rows) {
  const row = (tag, cells) => make("tr", {}, ...cells.map((cell) => make(tag, {}, cell)));
  const body = make("tbody", {}, ...rows.map((cells) => row("td", cells)));
  const node = make("table", {}, make("thead", {}, row("th", heads)), body);
  return make("div", { className: "table scroll", tabIndex: 0, role: "region", ariaLabel: "Values" }, node);
}

function download(answers) {
  const lines = (model.task === "forecast" ? stepRows : exampleRows)(answers);
  const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const text = lines.map((line) => line.map(quoted).join(",") + "\n");
  const url = URL.createObjectURL(new Blob(text, { type: "text/csv" }));
  make("a", { href: url, download: "predictions.csv" }).click();
  URL.revokeObjectURL(url);
}

function exampleRows(answers) {
  const { target, classes } = model;
  const heads = ["name", target, ...classes.map((name) => `probability of ${name}`)];
  const row = (answer) => [answer.name, answer.prediction, ...classes.map((name) => answer.probabilities[name])];
  return [heads, ...answers.map(row)];
}

function stepRows(answers) {
  const ends = (intervals, step) => intervals.flatMap(({ lower, upper }) => [lower[step], upper[step]]);
  const rows = ({ name, prediction, times = [], intervals = [] }) =>
    prediction.map((value, step) => [name, step + 1, times[step], value, ...ends(intervals, step)]);
  const names = ({ level }) => [`lower ${levelName(level)}`, `upper ${levelName(level)}`];
  const heads = ["name", "step", "time", model.target, ...(answers[0]?.intervals || []).flatMap(names)];
  return [heads, ...answers.flatMap(rows)];
}

// --- Events --------------------------------------------------------------------

element("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  store.setItem("token", element("token").value.trim());
  open();
});

element("typed").addEventListener("submit", (event) => {
  event.preventDefault();
  const body = JSON.stringify({ items: [formValues()] });
  predict({ body, headers: { "Content-Type": "application/json" } });
});

element("files").addEventListener("change", () => {
  send([...element("files").files]);
  element("files").value = "";
});

for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop" && model) send([...event.dataTransfer.files]);
  });
}

open().catch(() => showStatus("", "The server does not respond. Is it still running?"));
