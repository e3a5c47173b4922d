//! Modules that code of an image uses by name and never imports.

use std::collections::BTreeMap;

use facts::image::Image;
use facts::{Facts, Stated};

use crate::Fault;

pub(super) fn check(facts: &Facts) -> Vec<Fault> {
    let mut holders: BTreeMap<&str, &Image> = BTreeMap::new();
    for image in &facts.images {
        // What is imported later, or whose failure is caught, may end nothing.
        for path in &image.at_start {
            holders.entry(path).or_insert(image);
        }
    }
    let used = facts.unbound_names.iter();
    used.filter_map(|name| Some(fault(name, holders.get(&*name.at.path)?))).collect()
}

fn fault(name: &Stated<String>, image: &Image) -> Fault {
    let Stated { value, at } = name;
    let message = format!(
        "`{value}` is used here when the file is loaded, and nothing in it imports or sets it: a NameError ends the program of \
         `{}`. Write `import {value}`, or name what is imported from it alone",
        image.dockerfile
    );
    let fault = Fault::new(value.clone(), at.clone(), message);
    match image.entry.first() {
        Some(entry) => fault.because(entry.at.clone(), "the image starts a program that loads this file"),
        None => fault,
    }
}
