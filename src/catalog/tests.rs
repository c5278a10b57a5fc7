#[test]
fn loads() {
    super::Catalog::embedded().unwrap();
}
