// Every colour of words on the page, with the ground under it and the contrast of the two (WCAG 2.2).
() => {
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return text.startsWith("color(") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, under) => top.slice(0, 3).map((each, at) => each * top[3] + under[at] * (1 - top[3]));
  const light = (colour) => {
    const [r, g, b] = colour.map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) layers.unshift(rgba(getComputedStyle(each).backgroundColor));
    return layers.reduce((under, layer) => over(layer, under), [255, 255, 255]);
  };
  const found = new Map();
  for (const element of document.querySelectorAll("body *")) {
    const words = [...element.childNodes].some((each) => each.nodeType === 3 && each.data.trim());
    if (!words || !element.checkVisibility()) continue;
    const under = ground(element);
    const colour = over(rgba(getComputedStyle(element).color), under);
    const [low, high] = [light(colour), light(under)].sort((a, b) => a - b);
    const key = `${colour} on ${under}`;
    found.set(key, {key, ratio: (high + 0.05) / (low + 0.05), where: element.className || element.tagName});
  }
  return [...found.values()];
}
