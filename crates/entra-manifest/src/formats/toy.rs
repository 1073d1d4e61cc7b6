//! A format for tests, which needs what no real one needs alone: it reads the files of a folder together, takes values
//! from one into another, and wants files from elsewhere.
//!
//! ```text
//! let read = User.Read.All      # a value
//! app worker
//! request read                  # by its name, from any file of the folder
//! request Mail.Send
//! include shared/common.list    # names, a line each
//! ```

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use source_text::{Source, Span};

use super::{Format, Together};
use crate::PermissionType;
use crate::about::{About, Types};
use crate::amend::notation::{At, NewPermission, Notation};
use crate::model::layout::{ElementLayout, ListForm, ListLayout, Place, Separator};
use crate::model::{App, Manifest, PermissionRef, Requested, Resource, ResourceRef, TypeRef};
use crate::read::{Read, Unit, Want, WhyNot};
use crate::resource::MICROSOFT_GRAPH;

pub(super) static TOY: Toy = Toy;

pub(super) struct Toy;

static ABOUT: About = About {
    id: "toy",
    name: "toy format",
    files: &["*.toy"],
    generated: false,
    types: Types::Application,
    docs: "",
};

impl Format for Toy {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn names(&self, name: &Utf8Path) -> bool {
        name.extension() == Some("toy")
    }

    fn claims(&self, name: &Utf8Path, _text: &str) -> bool {
        self.names(name)
    }

    fn together(&self) -> Together {
        Together::Folder
    }

    fn read(&self, unit: Unit<'_>) -> Read {
        let values: BTreeMap<&str, Span> = unit
            .sources
            .iter()
            .flat_map(|source| lines(source).map(move |line| (source, line)))
            .filter_map(|(source, line)| {
                let (name, value) = source.slice(line).strip_prefix("let ")?.split_once(" = ")?;
                let end = line.range().end;
                Some((name, source.span(end - value.len(), end)))
            })
            .collect();
        let mut apps: Vec<App> = Vec::new();
        let mut wants = Vec::new();
        for source in unit.sources {
            for line in lines(source) {
                let Some((verb, word)) = source.slice(line).split_once(' ') else {
                    continue;
                };
                if verb == "app" {
                    apps.push(app(word, line));
                    continue;
                }
                let Some(app) = apps.last_mut() else {
                    continue;
                };
                let own = source.span(line.range().end - word.len(), line.range().end);
                match verb {
                    "request" => {
                        let used_at = values.contains_key(word).then_some(own);
                        let literal = values.get(word).copied().unwrap_or(own);
                        let files = unit.sources.iter();
                        let text = files
                            .filter(|source| source.id() == literal.file)
                            .map(|source| source.slice(literal));
                        let requested = request(0, text.collect(), literal, line);
                        app.requested.push(Requested {
                            used_at,
                            ..requested
                        });
                    }
                    "include" => {
                        let want = Want::File(Utf8PathBuf::from(word));
                        match unit.got(&want) {
                            Some(files) => files.iter().for_each(|list| include(app, list)),
                            None => wants.push(want),
                        }
                    }
                    _ => {}
                }
            }
        }
        match (wants.is_empty(), apps.is_empty()) {
            (false, _) => Read::Wants(wants),
            (true, true) => Read::Nothing(WhyNot::NoDeclaration),
            (true, false) => Read::Manifest(Manifest::new(&TOY, &ABOUT, apps)),
        }
    }

    fn notation(&self) -> Option<&'static dyn Notation> {
        Some(&TOY)
    }
}

impl Notation for Toy {
    fn element(
        &self,
        _at: &At<'_>,
        permission: &NewPermission<'_>,
        _permission_type: PermissionType,
        _implied: bool,
    ) -> Option<String> {
        Some(permission.text())
    }

    fn elements(&self, _: &At<'_>, _: Option<PermissionType>, _: &[String]) -> Option<String> {
        None
    }

    fn entries(
        &self,
        _at: &At<'_>,
        _resource: &str,
        _permissions: &[(NewPermission<'_>, PermissionType)],
    ) -> Option<Vec<String>> {
        None
    }

    fn list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }

    fn first_list(&self, _: &At<'_>, _: &[String]) -> Option<String> {
        None
    }
}

/// The lines of a text, without comments and blanks around them.
fn lines(source: &Source) -> impl Iterator<Item = Span> {
    let mut start = 0;
    source.text().split_inclusive('\n').map(move |line| {
        let code = line.split('#').next().unwrap_or_default();
        let at = start + (code.len() - code.trim_start().len());
        start += line.len();
        source.span(at, at + code.trim().len())
    })
}

fn app(name: &str, line: Span) -> App {
    let mut app = App::new(line);
    app.address = Some(name.to_owned());
    let implied = ResourceRef::Implied {
        uuid: MICROSOFT_GRAPH,
        span: line,
    };
    app.push_resource(Resource::new(line, implied));
    app
}

fn request(resource: usize, name: String, literal: Span, element: Span) -> Requested {
    let permission = PermissionRef::Name {
        name,
        span: literal,
    };
    let ty = TypeRef::implied(PermissionType::Application);
    Requested::new(resource, permission, ty, element)
}

/// Adds the names of a list, each of which can be taken out.
fn include(app: &mut App, list: &Source) {
    let accesses = &mut app.resources[0].layout.accesses;
    accesses.push(ListLayout {
        span: list.span(0, list.text().len()),
        form: ListForm::Items {
            open: 0,
            close: 0,
            separator: Separator::Line,
        },
        permission_type: Some(PermissionType::Application),
        by_name: true,
        dialect: 0,
    });
    let access = accesses.len() - 1;
    for line in lines(list).filter(|line| !line.is_empty()) {
        app.requested.push(Requested {
            layout: ElementLayout {
                place: Some(Place::Access(access)),
                plain: true,
                fixed: None,
            },
            ..request(0, list.slice(line).to_owned(), line, line)
        });
    }
}

#[cfg(test)]
mod tests {
    use source_text::{Encoding, FileId};
    use uuid::Uuid;

    use super::*;
    use crate::amend::{AmendError, Change, PermissionText, amend};
    use crate::read::{Wanted, read_as};

    fn source(number: u32, name: &str, text: &str) -> Source {
        Source::new(FileId::new(number), name, text.to_owned(), Encoding::Utf8)
    }

    fn folder() -> [Source; 2] {
        [
            source(
                1,
                "app.toy",
                "app worker\nrequest read\nrequest Mail.Send\ninclude common.list\n",
            ),
            source(
                2,
                "values.toy",
                "let read = User.Read.All # for both\napp kiosk\nrequest Mail.Read\n",
            ),
        ]
    }

    fn wanted() -> [Wanted; 1] {
        [Wanted {
            want: Want::File("common.list".into()),
            files: vec![source(3, "common.list", "Group.Read.All\nUser.Read.All\n")],
        }]
    }

    fn manifest(unit: Unit<'_>) -> Manifest {
        match read_as(&TOY, unit) {
            Read::Manifest(manifest) => manifest,
            other => panic!("a manifest: {other:?}"),
        }
    }

    fn permission(name: &str) -> PermissionText {
        PermissionText {
            id: Uuid::from_u128(7),
            name: name.to_owned(),
        }
    }

    fn replace(app: usize, requested: usize) -> Change {
        Change::Replace {
            app,
            requested,
            with: permission("User.RevokeSessions.All"),
            permission_type: None,
        }
    }

    #[test]
    fn a_folder_wants_a_file_and_is_read_with_it() {
        let sources = folder();
        let unit = Unit::folder(&sources);
        let Read::Wants(wants) = read_as(&TOY, unit) else {
            panic!("it includes a file");
        };
        let wanted = wanted();
        assert_eq!(wants, [wanted[0].want.clone()]);
        let manifest = manifest(unit.with(&wanted));
        let read: Vec<(&str, Vec<(u32, u32)>)> = manifest
            .apps
            .iter()
            .map(|app| {
                let spans = app.requested.iter().map(|r| r.permission.span());
                let places = spans.map(|span| (span.file.index() as u32, span.start));
                (app.address.as_deref().unwrap(), places.collect())
            })
            .collect();
        assert_eq!(
            read,
            [
                ("worker", vec![(2, 11), (1, 32), (3, 0), (3, 15)]),
                ("kiosk", vec![(2, 54)]),
            ]
        );
        assert_eq!(manifest.apps[0].requested[0].used_at.unwrap().start, 19);
    }

    #[test]
    fn a_file_that_is_not_there_is_an_answer_too() {
        let sources = folder();
        let nothing = [Wanted {
            want: wanted()[0].want.clone(),
            files: Vec::new(),
        }];
        let manifest = manifest(Unit::folder(&sources).with(&nothing));
        assert_eq!(manifest.apps[0].requested.len(), 2);
    }

    #[test]
    fn a_change_edits_the_files_where_the_literals_stand() {
        let (sources, wanted) = (folder(), wanted());
        let unit = Unit::folder(&sources).with(&wanted);
        let changes = [
            replace(0, 0),
            replace(1, 0),
            Change::Remove {
                app: 0,
                requested: 3,
            },
            Change::Add {
                app: 0,
                resource_app_id: MICROSOFT_GRAPH,
                permission: permission("Files.Read.All"),
                permission_type: PermissionType::Application,
            },
        ];
        let amended = amend(unit, &manifest(unit), &changes).unwrap();
        assert_eq!(amended.source(&sources[0]), &sources[0]);
        assert_eq!(
            amended.source(&sources[1]).text(),
            "let read = User.RevokeSessions.All # for both\napp kiosk\nrequest User.RevokeSessions.All\n"
        );
        assert_eq!(
            amended.source(&wanted[0].files[0]).text(),
            "Group.Read.All\nFiles.Read.All\n"
        );
        assert_eq!(amended.edits_of(FileId::new(1)), []);
        assert_eq!(amended.edits_of(FileId::new(2)).len(), 2);
        assert_eq!(amended.sources.len(), 2);
    }

    #[test]
    fn a_value_that_another_app_uses_is_refused_with_its_address() {
        let mut sources = folder();
        sources[1] = sources[1].with_text(format!("{}request read\n", sources[1].text()));
        let wanted = wanted();
        let unit = Unit::folder(&sources).with(&wanted);
        let read = manifest(unit);
        let refused = amend(unit, &read, &[replace(0, 0)]).unwrap_err();
        assert_eq!(refused, AmendError::Shared(vec!["kiosk".to_owned()]));
        assert_eq!(refused.to_string(), "this text is also used by kiosk");
        // Both at once is what the value can say.
        assert!(amend(unit, &read, &[replace(0, 0), replace(1, 1)]).is_ok());
    }

    #[test]
    fn what_is_in_no_list_is_not_removed() {
        let (sources, wanted) = (folder(), wanted());
        let unit = Unit::folder(&sources).with(&wanted);
        let change = Change::Remove {
            app: 0,
            requested: 1,
        };
        let refused = amend(unit, &manifest(unit), &[change]).unwrap_err();
        assert!(matches!(refused, AmendError::NotEditable(_)));
    }

    #[test]
    fn a_changed_text_is_stale() {
        let (sources, wanted) = (folder(), wanted());
        let unit = Unit::folder(&sources).with(&wanted);
        let read = manifest(unit);
        let other = [sources[0].clone(), sources[1].with_text(String::new())];
        let unit = Unit::folder(&other).with(&wanted);
        assert_eq!(amend(unit, &read, &[]), Err(AmendError::Stale));
    }
}
