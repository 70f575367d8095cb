// Fields made from a JSON schema: the settings of a run, and the arguments of an action.

import { field, h } from "./dom.js";

// A property's schema without references and without "or null": {schema, nullable}.
export function plain(schema, root) {
  const followed = { ...schema, ...(schema.$ref && root.$defs[schema.$ref.split("/").at(-1)]) };
  const options = followed.anyOf ?? [];
  if (!options.some((option) => option.type === "null")) return { schema: followed, nullable: false };
  const inner = options.find((option) => option.type !== "null");
  return { schema: { ...followed, anyOf: undefined, ...plain(inner, root).schema, description: followed.description }, nullable: true };
}

export const titled = (name) => name.replace(/_/g, " ").replace(/^./, (letter) => letter.toUpperCase());

// One property as {node, read}: `read()` gives the value, undefined when nothing is said, and throws what is wrong with it.
export function property(name, declared, root, value) {
  const { schema, nullable } = plain(declared, root);
  const { control, more, read } = controlFor(schema, nullable, value);
  const label = titled(name);
  control.name = name;
  const reading = () => {
    try {
      return read();
    } catch {
      throw new Error(`${label}: this is no JSON.`);
    }
  };
  const node = field(label, control, schema.description);
  if (more) control.after(more);
  if (schema.type === "boolean") node.classList.add("check");
  return { node, read: reading };
}

function controlFor(schema, nullable, value) {
  if (schema.anyOf?.some((option) => option.enum)) return wordOrJson(schema, value);
  if (schema.enum) {
    const options = schema.enum.map((one) => h("option", { value: one }, String(one)));
    const control = h("select", {}, nullable && h("option", { value: "" }, "not set"), options);
    control.value = value ?? (nullable ? "" : schema.default ?? schema.enum[0]);
    return { control, read: () => control.value || undefined };
  }
  if (schema.type === "boolean") {
    const control = h("input", { type: "checkbox", checked: Boolean(value) });
    return { control, read: () => control.checked };
  }
  if (schema.type === "number" || schema.type === "integer") {
    const step = schema.type === "integer" ? 1 : "any";
    const control = h("input", { type: "number", step, min: schema.minimum, max: schema.maximum, value: value ?? "", required: !nullable });
    return { control, read: () => (control.value === "" ? undefined : Number(control.value)) };
  }
  if (schema.type === "string") {
    const control = (schema.maxLength ?? 0) > 4_000 ? h("textarea", { rows: 3 }) : h("input", { type: "text" });
    control.value = value ?? "";
    if (schema.maxLength) control.maxLength = schema.maxLength;
    return { control, read: () => (control.value === "" && nullable ? undefined : control.value) };
  }
  const control = h("textarea.code", { rows: 2, spellcheck: "false" });
  control.value = value === undefined || value === null ? "" : JSON.stringify(value);
  return { control, read: () => (control.value.trim() ? JSON.parse(control.value) : undefined) };
}

// One of a few words, or something longer that is written as JSON.
function wordOrJson(schema, value) {
  const words = schema.anyOf.find((option) => option.enum).enum;
  const more = h("textarea.code", { rows: 4, spellcheck: "false", "aria-label": "As JSON" });
  const choice = h("select", { onchange: () => { more.hidden = choice.value !== ""; } }, words.map((word) => h("option", { value: word }, word)), h("option", { value: "" }, "other, as JSON"));
  choice.value = words.includes(value) ? value : "";
  more.value = choice.value ? "[]" : JSON.stringify(value, null, 1);
  more.hidden = choice.value !== "";
  return { control: choice, more, read: () => choice.value || JSON.parse(more.value) };
}

// The defaults of a schema's properties.
export const defaults = (schema) => Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, one.default ?? null]));

// What was said of the properties, without what is as in `base`.
export function read(fields, base) {
  const said = Object.entries(fields).map(([name, one]) => [name, one.read() ?? null]);
  return Object.fromEntries(said.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(base[name] ?? null)));
}
