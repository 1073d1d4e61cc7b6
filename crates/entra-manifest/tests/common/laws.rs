//! What must hold of any text in any format. Shared with the fuzz targets.

use entra_manifest::{
    AmendError, App, Change, Manifest, ROUNDS, Read, Source, Span, TypeRef, Unit, Want, Wanted,
    amend, read, syntax_error,
};

/// A file read by itself: whatever else it wants is not there.
pub struct Alone {
    pub read: Read,
    wanted: Vec<Wanted>,
}

impl Alone {
    pub fn of(source: &Source) -> Self {
        let mut wanted: Vec<Wanted> = Vec::new();
        for _ in 0..ROUNDS {
            match read(Unit::file(source).with(&wanted)) {
                Read::Wants(wants) => wanted.extend(wants.into_iter().map(nothing)),
                read => return Self { read, wanted },
            }
        }
        panic!("a format wants more and more: {wanted:?}");
    }

    pub fn unit<'a>(&'a self, source: &'a Source) -> Unit<'a> {
        Unit::file(source).with(&self.wanted)
    }
}

fn nothing(want: Want) -> Wanted {
    Wanted {
        want,
        files: Vec::new(),
    }
}

/// Reads a text in every way there is, and checks that all spans are pieces of it.
pub fn check_read(source: &Source) -> Alone {
    let check = |span: Span| {
        assert!(source.text().get(span.range()).is_some(), "{span:?}");
        let (line, column) = source.line_column(span.start);
        assert!(line > 0 && column > 0);
        assert!(source.original_offset(span.start) <= source.original_offset(span.end));
    };
    if let Some(error) = syntax_error(source) {
        check(error.span);
    }
    let alone = Alone::of(source);
    match &alone.read {
        Read::Manifest(manifest) => {
            let problems = manifest.problems.iter().map(|problem| problem.span);
            let apps = manifest.apps.iter().flat_map(spans);
            problems.chain(apps).for_each(check);
        }
        Read::Broken(errors) => errors.iter().for_each(|error| check(error.span)),
        _ => {}
    }
    alone
}

fn spans(app: &App) -> Vec<Span> {
    let mut spans = vec![app.span];
    let names = [&app.name, &app.app_id];
    spans.extend(names.into_iter().flatten().map(|name| name.span));
    spans.extend(app.inherited.iter().map(|inherited| inherited.span));
    for resource in &app.resources {
        spans.extend([resource.span, resource.id.span()]);
        spans.extend(resource.label.as_ref().map(|label| label.span));
    }
    for requested in &app.requested {
        assert!(requested.resource < app.resources.len());
        spans.extend([requested.span, requested.permission.span()]);
        spans.extend(requested.label.as_ref().map(|label| label.span));
        spans.extend(requested.used_at);
        spans.extend(requested.condition.as_ref().map(|condition| condition.span));
        match &requested.permission_type {
            TypeRef::Known { span, .. } => spans.extend(*span),
            TypeRef::Unresolved { span, .. } => spans.push(*span),
        }
    }
    spans
}

/// Amends, and checks what must hold of any success: nothing but the edits differs, the result reads as it says, and
/// what was added is not added again.
pub fn check_amend(
    unit: Unit<'_>,
    manifest: &Manifest,
    changes: &[Change],
) -> Result<(), AmendError> {
    let amended = amend(unit, manifest, changes)?;
    let [source] = unit.sources else {
        panic!("one file at a time");
    };
    let after = amended.source(source);
    let mut text = String::new();
    let mut at = 0;
    for edit in &amended.edits {
        let range = edit.span.range();
        assert!(at <= range.start && range.start <= range.end);
        text.push_str(&source.text()[at..range.start]);
        text.push_str(&edit.new);
        at = range.end;
    }
    text.push_str(&source.text()[at..]);
    assert_eq!(&text, after.text());
    assert_eq!(source.encoding(), after.encoding());
    let Read::Manifest(again) = Alone::of(after).read else {
        panic!("the edited text is a manifest");
    };
    assert_eq!(again, amended.manifest);
    let adds: Vec<Change> = changes
        .iter()
        .filter(|change| matches!(change, Change::Add { .. }))
        .cloned()
        .collect();
    let unit = Unit::file(after).with(unit.wanted);
    let again = amend(unit, &amended.manifest, &adds).expect("there is nothing left to do");
    assert_eq!(again.edits, []);
    Ok(())
}
